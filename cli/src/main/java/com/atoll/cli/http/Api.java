package com.atoll.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The public API over HTTP. Calls that may be repeated are repeated when the API is busy. */
public final class Api {
  private static final String VERSION = "0.1.0";
  private static final int ATTEMPTS = 4;
  private static final long LONGEST_PAUSE_SECONDS = 10;

  static {
    // For API hosts below localhost, which Java does not resolve: see Target.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host,connection");
  }

  private final Target target;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /** Speaks to this target. */
  public Api(Target target) {
    this.target = target;
  }

  /** Where it is and who asks. */
  public Target target() {
    return target;
  }

  /** GET, the answer as JSON. */
  public JsonNode get(String path) {
    return json(request("GET", path, BodyPublishers.noBody()).build(), true);
  }

  /** POST of a JSON body under a fresh idempotency key, so that a repetition does it once. */
  public JsonNode post(String path, JsonNode body) {
    return json(
        request("POST", path, BodyPublishers.ofString(Json.write(body)))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .build(),
        true);
  }

  /** POST that is sent once only: what it does twice would be done twice. */
  public JsonNode postOnce(String path, JsonNode body) {
    return json(
        request("POST", path, BodyPublishers.ofString(Json.write(body)))
            .header("Content-Type", "application/json")
            .build(),
        false);
  }

  /** PATCH of a JSON body. */
  public JsonNode patch(String path, JsonNode body) {
    return json(
        request("PATCH", path, BodyPublishers.ofString(Json.write(body)))
            .header("Content-Type", "application/json")
            .build(),
        true);
  }

  /** DELETE; what is gone already counts as deleted. */
  public JsonNode delete(String path) {
    return json(request("DELETE", path, BodyPublishers.noBody()).build(), true);
  }

  /** POST of any body, such as multipart. */
  public JsonNode upload(String path, String contentType, BodyPublisher body) {
    return json(request("POST", path, body).header("Content-Type", contentType).build(), false);
  }

  /** GET of bytes; the caller closes them. */
  public InputStream download(String path) {
    return checked(request("GET", path, BodyPublishers.noBody()).build()).body();
  }

  /** Opens an event stream. */
  public EventStream stream(String method, String path, @Nullable JsonNode body) {
    return stream(method, path, body, null);
  }

  /**
   * Opens an event stream, or goes on with one.
   *
   * @param lastEventId the id of the last event that has come, if any has
   */
  public EventStream stream(
      String method, String path, @Nullable JsonNode body, @Nullable String lastEventId) {
    BodyPublisher publisher =
        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.write(body));
    HttpRequest.Builder request = request(method, path, publisher);
    request.setHeader("Accept", "text/event-stream");
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return new EventStream(checked(request.build()).body());
  }

  /** Any call, its answer untouched whatever the status is. */
  public HttpResponse<String> raw(String method, String path, @Nullable String body) {
    HttpRequest.Builder request =
        request(
            method, path, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return send(request.build(), BodyHandlers.ofString());
  }

  /**
   * Opens a WebSocket to one who answers pings soon, whatever it is sent. That it has died, its
   * listener is told.
   */
  public WebSocket socket(String path, WebSocket.Listener listener) {
    return socket(path, new Heartbeat(listener, Heartbeat.Pace.ANSWERED));
  }

  /**
   * Opens a WebSocket to one who reads no ping before what was sent earlier is taken, for however
   * long that is. That nothing can be sent to it any more, its listener is told.
   */
  public WebSocket tunnel(String path, WebSocket.Listener listener) {
    return socket(path, new Heartbeat(listener, Heartbeat.Pace.SENT));
  }

  WebSocket socket(String path, Heartbeat heartbeat) {
    WebSocket.Builder builder =
        client
            .newWebSocketBuilder()
            .connectTimeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + target.key());
    if (target.host() != null) {
      builder.header("Host", target.host());
    }
    String url = target.base() + path;
    try {
      URI uri = URI.create("ws" + url.substring("http".length()));
      WebSocket socket = builder.buildAsync(uri, heartbeat).join();
      heartbeat.watch(socket);
      return socket;
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof WebSocketHandshakeException refused) {
        HttpResponse<?> answer = refused.getResponse();
        JsonNode said = answer.body() instanceof String text ? Json.parse(text) : null;
        throw ApiException.of(answer.statusCode(), said, requestId(answer));
      }
      throw unreachable(failed.getCause());
    }
  }

  /** A path segment or query value, escaped. */
  public static String escape(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String method, String path, BodyPublisher body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(target.base() + path))
            .method(method, body)
            .header("Authorization", "Bearer " + target.key())
            .header("Accept", "application/json")
            .header("User-Agent", "atoll-cli/" + VERSION);
    if (target.host() != null) {
      builder.header("Host", target.host());
    }
    return builder;
  }

  private JsonNode json(HttpRequest request, boolean repeatable) {
    for (int attempt = 1; ; attempt++) {
      HttpResponse<String> response = send(request, BodyHandlers.ofString());
      if (response.statusCode() < 300) {
        JsonNode body = Json.parse(response.body());
        return body == null ? Json.object() : body;
      }
      long pause = response.headers().firstValueAsLong("Retry-After").orElse(-1);
      boolean busy = response.statusCode() == 429 || response.statusCode() == 503;
      if (!repeatable
          || !busy
          || attempt == ATTEMPTS
          || pause < 0
          || pause > LONGEST_PAUSE_SECONDS) {
        throw ApiException.of(
            response.statusCode(), Json.parse(response.body()), requestId(response));
      }
      pause(Duration.ofSeconds(Math.max(pause, 1)));
    }
  }

  private HttpResponse<InputStream> checked(HttpRequest request) {
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() < 300) {
      return response;
    }
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(1 << 20), StandardCharsets.UTF_8);
      throw ApiException.of(response.statusCode(), Json.parse(text), requestId(response));
    } catch (IOException broken) {
      throw unreachable(broken);
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request, handler);
    } catch (IOException failed) {
      throw unreachable(failed);
    } catch (InterruptedException interrupted) {
      throw interrupted();
    }
  }

  private ApiException unreachable(@Nullable Throwable cause) {
    String why =
        cause instanceof ConnectException || cause == null
            ? "connection refused"
            : cause.getMessage();
    return new ApiException(
        "UNREACHABLE",
        "cannot reach the API at " + target.base() + ": " + why,
        "start the platform with `./atoll up`, or set ATOLL_API_URL");
  }

  private static @Nullable String requestId(HttpResponse<?> response) {
    return response.headers().firstValue("X-Request-ID").orElse(null);
  }

  private static ApiException interrupted() {
    Thread.currentThread().interrupt();
    return new ApiException("INTERRUPTED", "interrupted", null);
  }

  /** Waits between two looks at something that the API has no stream for. */
  public static void pause(Duration time) {
    try {
      // The other side is another process behind HTTP: only time can pass here. After a refusal it
      // names the time itself.
      Thread.sleep(time);
    } catch (InterruptedException interrupted) {
      throw interrupted();
    }
  }
}

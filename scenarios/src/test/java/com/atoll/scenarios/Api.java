package com.atoll.scenarios;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** A client of the API with one key. */
final class Api {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final Target target;
  private final String key;

  Api(Target target, String key) {
    this.target = target;
    this.key = key;
  }

  Api withKey(String other) {
    return new Api(target, other);
  }

  Reply get(String path) {
    return send("GET", path, BodyPublishers.noBody(), Map.of());
  }

  Reply delete(String path) {
    return send("DELETE", path, BodyPublishers.noBody(), Map.of());
  }

  Reply post(String path, Object body) {
    return json("POST", path, body, Map.of());
  }

  /** The same by a client that gives up, and leaves, after so long. */
  Reply postWithin(Duration patience, String path, Object body) {
    HttpRequest.Builder request =
        request(path)
            .POST(BodyPublishers.ofByteArray(Reply.JSON.writeValueAsBytes(body)))
            .setHeader("Content-Type", "application/json")
            .timeout(patience);
    return exchange("POST " + path, request.build());
  }

  Reply json(String method, String path, Object body, Map<String, String> headers) {
    byte[] bytes = body instanceof byte[] raw ? raw : Reply.JSON.writeValueAsBytes(body);
    return send(method, path, BodyPublishers.ofByteArray(bytes), headers);
  }

  Reply send(String method, String path, BodyPublisher body, Map<String, String> headers) {
    HttpRequest.Builder request = request(path).method(method, body);
    request.setHeader("Content-Type", "application/json");
    headers.forEach(request::setHeader);
    return exchange(method + " " + path, request.build());
  }

  /** Opens a stream; the caller closes it. */
  HttpResponse<InputStream> open(String method, String path, Map<String, String> headers) {
    return open(method, path, headers, BodyPublishers.noBody());
  }

  HttpResponse<InputStream> open(
      String method, String path, Map<String, String> headers, BodyPublisher body) {
    HttpRequest.Builder request =
        request(path).method(method, body).setHeader("Content-Type", "application/json");
    headers.forEach(request::setHeader);
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /** GETs a preview or deployment URL, dialing the gateway's port and naming the host. */
  Reply page(String url) {
    return page(url, Map.of());
  }

  Reply page(String url, Map<String, String> headers) {
    URI wanted = URI.create(url);
    String path = wanted.getRawPath().isEmpty() ? "/" : wanted.getRawPath();
    String query = wanted.getRawQuery() == null ? "" : "?" + wanted.getRawQuery();
    URI dialed = URI.create("http://127.0.0.1:" + target.httpPort() + path + query);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(dialed)
            .timeout(Duration.ofSeconds(40))
            .setHeader("Host", wanted.getRawAuthority());
    headers.forEach(request::setHeader);
    return exchange("GET " + url, request.build());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target.api() + path)).timeout(Duration.ofMinutes(2));
    return key.isEmpty() ? request : request.setHeader("Authorization", "Bearer " + key);
  }

  private static Reply exchange(String asked, HttpRequest request) {
    try {
      HttpResponse<byte[]> answer = CLIENT.send(request, BodyHandlers.ofByteArray());
      return new Reply(asked, answer.statusCode(), answer.headers(), answer.body());
    } catch (IOException failure) {
      throw new UncheckedIOException(asked + ": " + failure, failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }
}

package com.atoll.server.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes one attempt: looks the host up, checks its addresses, connects to the checked one, sends,
 * reads the beginning of the answer. Redirects are not followed. It ends within {@link #SECONDS}.
 */
final class Sender implements AutoCloseable {
  static final int SECONDS = 15;

  private final Targets targets;
  private final Connections connections = new Connections();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-watch").factory());

  Sender(Targets targets) {
    this.targets = targets;
    var _ = watch.scheduleWithFixedDelay(connections::dropOld, 10, 10, TimeUnit.SECONDS);
  }

  /** Posts a body with these headers; never throws. */
  Answer send(String url, Map<String, String> headers, byte[] body) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("User-Agent", "Atoll-Webhooks/1");
    all.put("Accept", "*/*");
    all.put("Content-Type", "application/json");
    all.putAll(headers);
    return send(new Ask("POST", url, all, body, ResponseReader.KEPT, beginning -> false));
  }

  /** Makes one request; never throws. */
  Answer send(Ask ask) {
    long began = System.nanoTime();
    try {
      Target target = targets.resolve(ask.url());
      return exchange(target, ask, began);
    } catch (RefusedException refused) {
      return Answer.failed(String.valueOf(refused.getMessage()), millis(began));
    }
  }

  private Answer exchange(Target target, Ask ask, long began) {
    byte[] request = request(target, ask);
    Connection kept = connections.take(target.key());
    if (kept != null) {
      // The receiver may have closed it meanwhile: that says nothing about the receiver.
      Answer answer = attempt(target, kept, false, ask, request, began);
      if (answer != null) {
        return answer;
      }
    }
    Answer answer = attempt(target, new Connection(target.key()), true, ask, request, began);
    return answer == null ? Answer.failed("the connection broke", millis(began)) : answer;
  }

  private @Nullable Answer attempt(
      Target target, Connection connection, boolean fresh, Ask ask, byte[] request, long began) {
    ScheduledFuture<?> end =
        watch.schedule(connection::close, SECONDS * 1_000L - millis(began), TimeUnit.MILLISECONDS);
    ResponseReader[] reader = new ResponseReader[1];
    boolean reusable = false;
    try {
      if (fresh) {
        connection.open(target);
      }
      reusable = connection.exchange(request, ask, reader);
      return answered(reader[0], millis(began));
    } catch (IOException | RuntimeException broken) {
      ResponseReader begun = reader[0];
      if (connection.isClosed()) {
        return Answer.failed("no answer within " + SECONDS + " seconds", millis(began));
      }
      boolean silent = begun == null || begun.status() == 0;
      if (!fresh && silent) {
        return null;
      }
      return Answer.failed(said(broken), millis(began));
    } finally {
      boolean inTime = end.cancel(false);
      if (reusable && inTime) {
        connections.keep(connection);
      } else {
        connection.close();
      }
    }
  }

  private static Answer answered(ResponseReader reader, int millis) {
    int status = reader.status();
    String error =
        status / 100 == 2
            ? null
            : status / 100 == 3
                ? "the receiver answered " + status + "; redirects are not followed"
                : "the receiver answered " + status;
    return new Answer(status, reader.body(), error, reader.retryAfter(), millis, reader.headers());
  }

  static String said(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String clean = message.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 300 ? clean.substring(0, 300) : clean;
  }

  private static byte[] request(Target target, Ask ask) {
    byte[] body = ask.body();
    StringBuilder head = new StringBuilder(512);
    head.append(ask.method()).append(' ').append(target.path()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(target.authority()).append("\r\n");
    ask.headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(body);
    return all.toByteArray();
  }

  static int millis(long began) {
    return (int) ((System.nanoTime() - began) / 1_000_000);
  }

  @Override
  public void close() {
    watch.shutdownNow();
    connections.close();
  }
}

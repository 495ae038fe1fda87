package com.atoll.server.outbound;

import com.atoll.model.AtollException;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes to receivers of syslog over TLS (RFC 5425). Where the owner allows plain HTTP, plain TCP
 * is allowed as well.
 */
final class Syslog {
  private static final Pattern URL =
      Pattern.compile("syslog\\+(tls|tcp)://([^/?#@]+?)(?::([0-9]{1,5}))?/?");
  private static final int TLS_PORT = 6514;
  private static final int TCP_PORT = 601;
  private static final int SECONDS = 15;

  private final Targets targets;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("syslog-watch").factory());

  Syslog(Targets targets) {
    this.targets = targets;
  }

  String check(String url) {
    String judged = judged(url);
    if (judged == null) {
      throw AtollException.invalid("url", "must be like syslog+tls://host:port");
    }
    var _ = targets.check(judged);
    return url;
  }

  Answer send(String url, byte[] frames) {
    long began = System.nanoTime();
    String judged = judged(url);
    try {
      if (judged == null) {
        throw new RefusedException("the URL is not allowed any more");
      }
      return write(targets.resolve(judged), frames, began);
    } catch (RefusedException refused) {
      return Answer.failed(String.valueOf(refused.getMessage()), Sender.millis(began));
    }
  }

  private Answer write(Target target, byte[] frames, long began) {
    try (Connection connection = new Connection(target.key())) {
      var end = watch.schedule(connection::close, SECONDS, TimeUnit.SECONDS);
      try {
        connection.open(target);
        connection.write(frames);
        return Answer.taken(Sender.millis(began));
      } catch (IOException | RuntimeException broken) {
        String why =
            connection.isClosed()
                ? "not taken within " + SECONDS + " seconds"
                : Sender.said(broken);
        return Answer.failed(why, Sender.millis(began));
      } finally {
        end.cancel(false);
      }
    }
  }

  void close() {
    watch.shutdownNow();
  }

  /** The URL in a form that the rules for HTTP judge; null when it is none of syslog. */
  private static @Nullable String judged(String url) {
    Matcher found = URL.matcher(url);
    if (!found.matches()) {
      return null;
    }
    boolean tls = "tls".equals(found.group(1));
    String port = found.group(3) == null ? "" + (tls ? TLS_PORT : TCP_PORT) : found.group(3);
    return (tls ? "https://" : "http://") + found.group(2) + ":" + port + "/";
  }
}

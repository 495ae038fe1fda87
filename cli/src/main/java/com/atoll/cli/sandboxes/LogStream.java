package com.atoll.cli.sandboxes;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.EventStream;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A log that is followed over as many connections as it takes: the next one begins behind the last
 * line of the one before.
 */
final class LogStream {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  private final Api api;
  private final String path;
  private @Nullable String last;
  private final Reconnecting reconnecting = new Reconnecting(LONGEST_PAUSE);

  LogStream(Api api, String path) {
    this.api = api;
    this.path = path;
  }

  /**
   * Hands on what comes until nobody takes it any more, or what is followed is gone.
   *
   * @param taker says whether it takes more
   */
  void run(Predicate<JsonNode> taker) {
    EventStream now = open();
    while (now != null && read(now, taker)) {
      now = openAgain();
    }
  }

  private EventStream open() {
    return api.stream("GET", path, null, last);
  }

  /** The next connection; null when what is followed is gone. */
  private @Nullable EventStream openAgain() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      reconnecting.pause();
      try {
        return open();
      } catch (ApiException refused) {
        int status = refused.status();
        if (status == NOT_FOUND || status == GONE) {
          return null;
        }
        if (!Reconnecting.isPassing(refused) || System.nanoTime() > end) {
          throw refused;
        }
      }
    }
  }

  /** Whether more is taken. */
  private boolean read(EventStream events, Predicate<JsonNode> taker) {
    try (events) {
      for (var event = events.nextPlace(); event != null; event = events.nextPlace()) {
        boolean place = event.type().isEmpty() && event.data().isEmpty();
        if (!place && !taker.test(event.data())) {
          return false;
        }
        if (!event.id().isEmpty()) {
          last = event.id();
        }
        reconnecting.works();
      }
    } catch (ApiException broken) {
      if (!broken.code().equals(EventStream.BROKEN)) {
        throw broken;
      }
    }
    return true;
  }
}

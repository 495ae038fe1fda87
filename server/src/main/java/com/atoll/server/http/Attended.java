package com.atoll.server.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Work whose result is of use to one caller alone: it is given up when that caller has gone. */
final class Attended {
  /** What ends sooner is not looked after, and leaves its connection to the next request. */
  private static final long UNWATCHED_SECONDS = 5;

  /** For as long a stream goes on that nobody listens to. */
  private static final long GRACE_SECONDS = 60;

  private final Exchange exchange;
  private final Runnable giveUp;
  private boolean over;

  /**
   * Work of this exchange.
   *
   * @param giveUp makes the work end, without waiting for that
   */
  Attended(Exchange exchange, Runnable giveUp) {
    this.exchange = exchange;
    this.giveUp = giveUp;
  }

  <T> T run(Supplier<T> work) {
    CompletableFuture<Boolean> lasts = new CompletableFuture<>();
    var _ = lasts.completeOnTimeout(true, UNWATCHED_SECONDS, TimeUnit.SECONDS);
    var _ =
        lasts.thenAccept(watched -> {
          if (watched) {
            Thread.ofVirtual().name("attended").start(this::watch);
          }
        });
    try {
      return work.get();
    } finally {
      lasts.complete(false);
      end();
    }
  }

  private synchronized void end() {
    over = true;
  }

  /** Nobody answers meanwhile: whoever does, has ended the work before. */
  private synchronized void watch() {
    if (!over) {
      exchange.onDisconnect(() ->
          CompletableFuture.delayedExecutor(
                  GRACE_SECONDS, TimeUnit.SECONDS, task -> Thread.ofVirtual().start(task))
              .execute(this::abandon));
    }
  }

  private synchronized void abandon() {
    if (!over) {
      giveUp.run();
    }
  }
}

package com.atoll.server.deployments;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work that a caller waits for a while; it goes on when the caller does not. */
final class Held {
  private Held() {}

  static void within(Duration limit, Runnable work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            work.run();
            done.complete(true);
          } catch (Throwable failed) {
            done.completeExceptionally(failed);
          }
        });
    try {
      done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException goesOn) {
      return;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException(failed);
    }
  }
}

package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ClaimsTest {
  private static final long LONG_MS = TimeUnit.MINUTES.toMillis(10);

  private final Claims claims = new Claims();

  @Test
  void whatCanWaitGoesOnAMomentAfterTheLastClaim() throws Exception {
    claims.begins();
    CompletableFuture<Void> waiting = waiting(LONG_MS, () -> false);
    claims.ended();
    waiting.get();
  }

  @Test
  void patienceEndsThoughClaimsGoOn() throws Exception {
    claims.begins();
    waiting(10, () -> false).get();
    waiting(0, () -> false).get();
  }

  @Test
  void whoIsInAHurryWaitsForAnswersOnly() throws Exception {
    claims.begins();
    CompletableFuture<Void> waiting = waiting(LONG_MS, () -> true);
    assertTrue(!waiting.isDone());
    claims.ended();
    waiting.get();
  }

  private CompletableFuture<Void> waiting(long patienceMs, BooleanSupplier hurry)
      throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            claims.awaitQuiet(
                patienceMs,
                () -> {
                  asked.countDown();
                  return hurry.getAsBoolean();
                });
            done.complete(null);
          } catch (InterruptedException e) {
            done.completeExceptionally(e);
          }
        });
    asked.await();
    return done;
  }
}

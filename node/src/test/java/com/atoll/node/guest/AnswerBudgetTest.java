package com.atoll.node.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class AnswerBudgetTest {
  private static final Duration NONE = Duration.ZERO;
  private final AnswerBudget budget = new AnswerBudget(100, 40);
  private final Path greedy = Path.of("/greedy");
  private final Path other = Path.of("/other");

  @Test
  void oneGuestNeverTakesMoreThanItsShare() {
    assertTrue(budget.take(greedy, 30, NONE));
    assertFalse(budget.take(greedy, 11, NONE));
    assertTrue(budget.take(other, 40, NONE));
    assertFalse(budget.take(other, 41, Duration.ofMinutes(1)));
  }

  @Test
  void whatIsGivenBackIsThereForWhoWaits() {
    assertTrue(budget.take(greedy, 40, NONE));
    CompletableFuture<Boolean> waits =
        CompletableFuture.supplyAsync(() -> budget.take(greedy, 40, Duration.ofSeconds(20)));
    budget.give(greedy, 40);
    assertTrue(waits.join());
    budget.give(greedy, 40);
    assertEquals(0, budget.total());
  }

  @Test
  void allTogetherHaveABound() {
    assertTrue(budget.take(greedy, 40, NONE));
    assertTrue(budget.take(other, 40, NONE));
    assertFalse(budget.take(Path.of("/third"), 21, NONE));
    assertTrue(budget.take(Path.of("/third"), 20, NONE));
  }
}

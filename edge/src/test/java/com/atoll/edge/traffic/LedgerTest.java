package com.atoll.edge.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
  private static void count(Ledger ledger, String id, long received, long sent) {
    try (Counters.Slot slot = Objects.requireNonNull(ledger.open(id))) {
      slot.received(received);
      slot.sent(sent);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void whatAKilledProcessHasCountedIsToldByTheNextOne(@TempDir Path folder) throws IOException {
    Ledger first = new Ledger(folder);
    count(first, "dep_1", 3, 40);
    Ledger.Page told = Objects.requireNonNull(first.untold(10));
    told.counters().told(told.totals());
    assertNull(first.untold(10));
    count(first, "dep_1", 0, 2);
    count(first, "sbx_1", 1, 0);
    // The process is gone without a word; its answer to the last report may be lost too.
    Ledger second = new Ledger(folder);
    count(second, "dep_1", 0, 5);
    Ledger.Page left = Objects.requireNonNull(second.untold(10));
    assertEquals(told.counters().name(), left.counters().name());
    assertTrue(left.totals().contains(new Counters.Total("dep_1", 3, 42, 3, 40)), left::toString);
    assertTrue(left.totals().contains(new Counters.Total("sbx_1", 1, 0, 0, 0)), left::toString);
    assertEquals(2, files(folder).size());
    left.counters().told(left.totals());
    Ledger.Page own = Objects.requireNonNull(second.untold(10));
    assertEquals(List.of(new Counters.Total("dep_1", 0, 5, 0, 0)), own.totals());
    assertEquals(1, files(folder).size());
  }

  @Test
  void manyThreadsCountEveryByte(@TempDir Path folder) throws InterruptedException {
    Ledger ledger = new Ledger(folder);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 20_000; n++) {
                  count(ledger, "dep_" + n % 50, 1, 2);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    List<Counters.Total> totals = Objects.requireNonNull(ledger.untold(100)).totals();
    assertEquals(80_000, totals.stream().mapToLong(Counters.Total::received).sum());
    assertEquals(160_000, totals.stream().mapToLong(Counters.Total::sent).sum());
  }

  @Test
  void countersThatAreFullGiveWayToNewOnes(@TempDir Path folder) {
    Ledger ledger = new Ledger(folder);
    Counters.Slot open = Objects.requireNonNull(ledger.open("dep_0"));
    for (int i = 1; i <= Counters.SLOTS; i++) {
      count(ledger, "dep_" + i, 1, 0);
    }
    open.sent(9);
    Ledger.Page full = Objects.requireNonNull(ledger.untold(Counters.SLOTS));
    assertEquals(Counters.SLOTS, full.totals().size());
    full.counters().told(full.totals());
    assertEquals(1, Objects.requireNonNull(ledger.untold(10)).totals().size());
    open.sent(1);
    assertEquals(full.counters(), Objects.requireNonNull(ledger.untold(10)).counters());
    open.close();
    assertNotNull(ledger.untold(10));
  }

  @Test
  void aFileThatIsNoneOfOursIsDeleted(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("x.traffic"), "x");
    assertNull(new Ledger(folder).untold(10));
    assertEquals(1, files(folder).size());
  }
}

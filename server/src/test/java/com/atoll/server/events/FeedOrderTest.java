package com.atoll.server.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.OrganizationId;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class FeedOrderTest {
  private static final int WRITERS = 6;
  private static final int EACH = 15;
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static final Feed feed = new Feed(store, 20);

  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
    feed.start();
  }

  @AfterContainer
  static void stop() {
    feed.close();
    store.close();
  }

  /**
   * Writers commit in any order, some hold their transaction open after others have overtaken them,
   * some roll back; a live reader, one that resumes from every position and one of the log itself
   * all see each committed event once, in one order, with the versions of each resource rising.
   */
  @Property(tries = 6)
  void everyReaderSeesEveryEventOnceInOneOrder(@ForAll int seed) throws Exception {
    new Organizations(store).create("feed " + UUID.randomUUID());
    OrganizationId org =
        store.system(tx ->
            new OrganizationId(
                tx.sql()
                    .fetchSingle("select org from organizations order by created_at desc limit 1")
                    .get(0, String.class)));
    Subscription live = feed.subscribe(org.value(), null);
    Position began = live.cursor();
    int committed = write(org, seed);

    List<StoredEvent> seen = new ArrayList<>();
    while (seen.size() < committed) {
      List<StoredEvent> more = live.next(5_000_000_000L);
      assertTrue(!more.isEmpty() || !live.cursor().equals(began), "an event is missing");
      seen.addAll(written(more));
    }
    assertEquals(committed, seen.size());
    assertRising(seen);
    assertEquals(ids(seen), ids(written(new EventLog(store).after(org.value(), began, 10_000))));
    Random random = new Random(seed);
    int cut = random.nextInt(committed);
    Subscription resumed = feed.subscribe(org.value(), seen.get(cut).position());
    List<StoredEvent> rest = new ArrayList<>();
    while (rest.size() < committed - cut - 1) {
      rest.addAll(resumed.next(5_000_000_000L));
    }
    assertEquals(ids(seen.subList(cut + 1, committed)), ids(rest));
  }

  private static int write(OrganizationId org, int seed) throws Exception {
    CountDownLatch others = new CountDownLatch(WRITERS / 2);
    int committed = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> writers = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        writers.add(threads.submit(() -> writer(org, writer, new Random(seed + writer), others)));
      }
      for (Future<Integer> writer : writers) {
        committed += writer.get();
      }
    }
    return committed;
  }

  private static int writer(OrganizationId org, int writer, Random random, CountDownLatch others) {
    boolean slow = writer >= WRITERS / 2;
    int committed = 0;
    for (int i = 0; i < EACH; i++) {
      int version = i;
      boolean fails = random.nextInt(5) == 0;
      boolean waits = slow && i == 0;
      try {
        store.execute(
            org,
            tx -> {
              tx.event("test.changed", "test", "tst_" + writer, version, Map.of("w", writer));
              if (waits) {
                await(others);
              }
              if (fails) {
                throw new IllegalArgumentException("rolled back on purpose");
              }
            });
        committed++;
      } catch (IllegalArgumentException onPurpose) {
        assertTrue(fails);
      }
    }
    if (!slow) {
      others.countDown();
    }
    return committed;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without what the making of the organization told, which the feed may only see now. */
  private static List<StoredEvent> written(List<StoredEvent> events) {
    return events.stream().filter(e -> e.event().type().equals("test.changed")).toList();
  }

  private static void assertRising(List<StoredEvent> events) {
    Map<String, Long> versions = new TreeMap<>();
    Position last = Position.START;
    for (StoredEvent event : events) {
      assertTrue(event.position().compareTo(last) > 0, "positions rise");
      assertTrue(event.position().id().compareTo(last.id()) > 0, "ids sort as positions do");
      last = event.position();
      Long before = versions.put(event.event().resourceId(), event.event().version());
      assertTrue(before == null || before < event.event().version(), "versions rise");
    }
  }

  private static List<String> ids(List<StoredEvent> events) {
    return events.stream().map(e -> e.position().id()).toList();
  }

  @Property
  void anIdNamesItsPosition(@ForAll short epoch, @ForAll int xid, @ForAll int seq) {
    Position position = new Position(epoch & 0x7fff, xid & 0xffffffffL, seq & 0xffffffffL);
    assertEquals(position, Position.of(position.id()).orElseThrow());
  }
}

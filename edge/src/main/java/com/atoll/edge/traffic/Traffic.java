package com.atoll.edge.traffic;

import com.atoll.edge.CrashPoint;
import com.atoll.edge.routes.Feed;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Carries to the server what was served, a message at a time: the next one goes when the server has
 * written the last one down. A message that is sent twice counts once.
 */
public final class Traffic implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Traffic.class);
  private static final long TICK_MS = 500;
  private static final long RESEND_MS = 5_000;
  private static final int MOST_TOTALS = 500;

  /** How often bytes are told of that go on and on. */
  private static final long TOTALS_MS = 2_000;

  /** Batches that wait for the server, of at most two seconds of one event loop each. */
  private static final int MOST_BATCHES = 600;

  private final Feed feed;
  private final Ledger ledger;
  private final String run = Ledger.fresh(2);
  private final Queue<Journal.Batch> batches = new ArrayDeque<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("traffic").unstarted(this::work);
  private volatile boolean closed;
  private volatile @Nullable Report outstanding;
  private long sentAt;
  private long totalsAt = System.nanoTime() - TOTALS_MS * 1_000_000;
  private long sequence;

  /** Counts into the folder and tells over the feed. */
  public Traffic(Path folder, Feed feed) {
    this.feed = feed;
    this.ledger = new Ledger(folder);
    feed.onCounted(this::counted);
  }

  /** Begins to tell. */
  public void start() {
    thread.start();
  }

  /** Counts for one request; whoever gets it closes it. */
  public @Nullable Count count(String id) {
    Counters.Slot slot = ledger.open(id);
    return slot == null ? null : new Count(slot);
  }

  /** The bytes of one request on their way into the sums. */
  public static final class Count {
    private final Counters.Slot slot;

    private Count(Counters.Slot slot) {
      this.slot = slot;
    }

    /** The client has sent these. */
    public void received(long bytes) {
      slot.received(bytes);
    }

    /** These go to the client. */
    public void sent(long bytes) {
      slot.sent(bytes);
    }

    /** There will be no more. */
    public void close() {
      slot.close();
    }
  }

  /** Takes over what a journal has; called by its loop. */
  public void collect(Journal journal) {
    Journal.Batch batch = journal.take();
    if (batch == null) {
      return;
    }
    synchronized (batches) {
      if (batches.size() >= MOST_BATCHES) {
        batches.remove();
        log.debug("requests are forgotten: the server is away for too long");
      }
      batches.add(batch);
    }
  }

  private void work() {
    while (!closed) {
      Report waiting = outstanding;
      if (feed.isConnected()) {
        if (waiting == null) {
          tell();
        } else if (System.nanoTime() - sentAt > RESEND_MS * 1_000_000) {
          send(waiting);
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MS));
    }
  }

  private void tell() {
    Journal.Batch batch;
    synchronized (batches) {
      batch = batches.poll();
    }
    boolean due = System.nanoTime() - totalsAt > TOTALS_MS * 1_000_000;
    Ledger.Page page = due ? ledger.untold(MOST_TOTALS) : null;
    if (page != null && page.totals().size() < MOST_TOTALS) {
      totalsAt = System.nanoTime();
    }
    if (batch != null || page != null) {
      Report report = Report.of(run, ++sequence, page, batch);
      outstanding = report;
      send(report);
    }
  }

  private void send(Report report) {
    sentAt = System.nanoTime();
    feed.tell(report.message());
    CrashPoint.TRAFFIC_SENT.reach();
  }

  private void counted(JsonNode answer) {
    Report waiting = outstanding;
    if (waiting == null
        || waiting.sequence() != answer.path("sequence").asLong(-1)
        || !run.equals(answer.path("run").asString(""))) {
      return;
    }
    CrashPoint.TRAFFIC_COUNTED.reach();
    Ledger.Page page = waiting.page();
    if (page != null) {
      page.counters().told(page.totals());
    }
    outstanding = null;
    boolean more;
    synchronized (batches) {
      more = !batches.isEmpty();
    }
    if (more) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TICK_MS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    synchronized (batches) {
      batches.forEach(left -> feed.tell(Report.of(run, ++sequence, null, left).message()));
    }
  }
}

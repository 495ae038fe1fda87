package com.atoll.node.builds;

import com.atoll.node.CrashPoint;
import com.atoll.node.builds.BuildRecord.Order;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.workloads.Watchers;
import com.atoll.node.workloads.WorkloadRecord;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * The builds of this node. Each is begun by a caller that names it, and goes on after a restart
 * from the last step that was kept. The image of a finished one has the build's id as its template.
 */
public final class Builds implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Builds.class.getName());
  private static final int AT_ONCE = 2;
  private static final int SWEEP_SECONDS = 5;
  private static final String CANCELLED = "BUILD_CANCELLED";

  private final Workshop shop;
  private final RecordFolder<BuildRecord> records;
  private final Path logs;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Watchers<BuildRecord> watchers = new Watchers<>();
  private final Turns turns = new Turns(AT_ONCE);
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("build-sweeper").factory());
  private volatile boolean closed;

  /** A build in memory. */
  private static final class Entry {
    final BuildLog log;
    volatile BuildRecord record;
    volatile Job job;

    Entry(BuildRecord record, Job job, BuildLog log) {
      this.record = record;
      this.job = job;
      this.log = log;
    }
  }

  /**
   * Builds of this machine.
   *
   * @param logs where what they say lies
   */
  Builds(Workshop shop, RecordFolder<BuildRecord> records, Path logs) {
    this.shop = shop;
    this.records = records;
    this.logs = logs;
  }

  /** Takes up what an earlier process of this node left; the workloads must be recovered. */
  void open(Supplier<Set<String>> usedImages) throws IOException {
    for (WorkloadRecord workload : shop.workloads().list()) {
      if (workload.id().startsWith(Sandbox.PREFIX)) {
        shop.workloads().destroy(workload.id());
      }
    }
    for (BuildRecord record : records.all()) {
      Entry entry = entry(record);
      entries.put(record.id(), entry);
      if (record.stage() == Stage.READY) {
        if (!shop.images().restore(record.id(), record.digest())) {
          LOG.severe(() -> "the image of build " + record.id() + " is lost");
        }
      } else if (!record.stage().isOver()) {
        begin(entry);
      }
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(logs, "*.log")) {
      for (Path file : left) {
        if (!entries.containsKey(file.getFileName().toString().replace(".log", ""))) {
          Files.delete(file);
        }
      }
    }
    var _ =
        sweeper.scheduleWithFixedDelay(
            () -> sweep(usedImages), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  /** Tells what happens from now on. */
  public Watchers<BuildRecord> watchers() {
    return watchers;
  }

  /** Begins a build; the same one when it is there already. */
  public BuildRecord start(String id, Order order) {
    BuildRecord record = BuildRecord.of(id, order, shop.now());
    Entry fresh = entry(record);
    Entry entry =
        entries.computeIfAbsent(
            id,
            key -> {
              requireUnknown(digestOf(record));
              records.write(id, record);
              CrashPoint.BUILD_RECORDED.reach();
              return fresh;
            });
    if (entry == fresh) {
      begin(fresh); // Only now: what it becomes is told of the entry that is in the table.
    } else if (!entry.record.order().equals(order)) {
      throw NodeFault.of(NodeFault.Kind.EXISTS, "BUILD_EXISTS", "id: belongs to another build");
    }
    return entry.record;
  }

  /** What is there without a record belongs to somebody else, and something may stand on it. */
  private void requireUnknown(String digest) {
    if (shop.images().made(digest).isPresent()
        || shop.trees().find(Job.treeOf(digest)).isPresent()) {
      throw NodeFault.of(
          NodeFault.Kind.EXISTS, "BUILD_EXISTS", "id: there is an image of such a build");
    }
  }

  /** Digests of images that an earlier run may have kept, and that the next one goes on with. */
  static Set<String> ofUnfinished(List<BuildRecord> all) {
    return all.stream()
        .filter(record -> !record.stage().isOver())
        .map(Builds::digestOf)
        .collect(Collectors.toSet());
  }

  /**
   * The digest of the image of a build: no other build has it, also when one before had the same
   * id. When it was asked for is kept in its record, so that it has the same one after a restart.
   */
  static String digestOf(BuildRecord record) {
    String since = Long.toString(record.events().getFirst().atMs());
    return Step.hash("build", record.order().scope(), record.id(), since).substring(0, 32);
  }

  /** A build; NOT_FOUND. */
  public BuildRecord get(String id) {
    return require(id).record;
  }

  /** All of them. */
  public List<BuildRecord> list() {
    return entries.values().stream().map(entry -> entry.record).toList();
  }

  /** What a build said after an offset; waits a while when that is nothing yet. */
  public byte[] log(String id, long offset, int most, long waitMs) {
    Entry entry = require(id);
    if (waitMs > 0 && !entry.record.stage().isOver()) {
      entry.log.await(offset, waitMs);
    }
    return entry.log.read(offset, most);
  }

  /** Calls a build off and keeps what it said; one that is over stays what it is. */
  public BuildRecord cancel(String id) {
    Entry entry = require(id);
    entry.log.end();
    // The record first: one that waits for its turn is not begun again by the next start.
    store(entry, old -> old.failed(Stage.CANCELLED, CANCELLED, "it was called off", shop.now()));
    if (entry.record.stage() == Stage.CANCELLED) {
      entry.job.cancel();
    }
    return entry.record;
  }

  /** Calls a build off, forgets it and gives its image up. Unknown ones are dropped. */
  public void drop(String id) {
    Entry entry = entries.remove(id);
    if (entry != null) {
      entry.job.cancel();
      entry.log.wake();
    }
    shop.images().drop(id);
    records.delete(id);
    if (entry != null) {
      entry.log.end(); // What is held back is not written to a file anew.
      entry.log.delete();
    }
  }

  /** What runs breaks off; it is taken up at the next start. */
  @Override
  public void close() {
    closed = true;
    sweeper.shutdownNow();
  }

  private Entry entry(BuildRecord record) {
    BuildLog log = new BuildLog(logs.resolve(record.id() + ".log"));
    String id = record.id();
    String digest = digestOf(record);
    Job job =
        new Job(
            shop,
            id,
            record.order(),
            logs.resolve("no-files"),
            digest,
            log,
            (stage, what) -> become(id, stage));
    return new Entry(record, job, log);
  }

  private void begin(Entry entry) {
    Thread.ofVirtual().name("build-" + entry.record.id()).start(() -> run(entry));
  }

  private void run(Entry entry) {
    String scope = entry.record.order().scope();
    turns.begin(scope);
    try {
      if (closed || entry.job.isCancelled()) {
        return;
      }
      shop.cache().trim(shop.now());
      Job.Result result = entry.job.run();
      entry.log.end(); // Before anybody hears that it is over, and reads no more.
      store(entry, old -> old.ready(result.image().digest(), result.certificate(), shop.now()));
      if (entry.record.stage() == Stage.READY) {
        entry.log.say("READY");
      }
    } catch (BuildFailure e) {
      failed(entry, e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      if (!closed) {
        LOG.log(Level.WARNING, e, () -> "build " + entry.record.id());
      }
      failed(entry, "BUILDS_TEMPORARILY_UNAVAILABLE", "this node could not build it");
    } finally {
      turns.end(scope);
      entry.log.end();
      entry.log.wake();
    }
  }

  private void failed(Entry entry, String code, String sentence) {
    if (closed) {
      return; // It goes on at the next start.
    }
    if (entry.record.stage().isOver()) {
      return; // It was called off, and says so.
    }
    if (entries.get(entry.record.id()) == entry) {
      entry.log.say("FAILED " + sentence);
      entry.log.end();
    }
    Stage last = entry.job.isCancelled() ? Stage.CANCELLED : Stage.FAILED;
    store(entry, old -> old.failed(last, code, sentence, shop.now()));
  }

  private void become(String id, Stage stage) {
    Entry entry = entries.get(id);
    if (entry != null && entry.record.stage() != stage) {
      store(entry, old -> old.at(stage, shop.now()));
    }
  }

  /** A dropped build gets no record again, and one that is over becomes nothing else. */
  private void store(Entry entry, UnaryOperator<BuildRecord> change) {
    synchronized (entry) {
      BuildRecord next = change.apply(entry.record);
      if (entry.record.stage().isOver()) {
        if (next.stage() == Stage.READY) {
          shop.images().drop(next.id()); // Called off while it was being kept.
        }
        return;
      }
      entry.record = next;
      if (entries.get(next.id()) == entry) {
        records.write(next.id(), next);
        watchers.tell(next);
      } else if (next.stage() == Stage.READY) {
        shop.images().drop(next.id());
      }
    }
    entry.log.wake();
  }

  private Entry require(String id) {
    return Optional.ofNullable(entries.get(id))
        .orElseThrow(
            () -> NodeFault.notFound("BUILD_NOT_FOUND", "no build " + id + " on this node"));
  }

  private void sweep(Supplier<Set<String>> usedImages) {
    try {
      Set<String> before = shop.images().trees();
      Set<String> used = new HashSet<>(ofUnfinished(list()));
      used.addAll(usedImages.get());
      shop.images().sweep(used);
      Set<String> after = shop.images().trees();
      before.stream().filter(tree -> !after.contains(tree)).forEach(shop.trees()::drop);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "images that are given up stay for now", e);
    }
  }
}

package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Json;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.readiness.Readiness;
import com.atoll.server.readiness.ReadinessProbe;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits, in new sandboxes that name a probe, until what they run is ready. The others cost nothing.
 * The row keeps the probe and how it ended, so that a server that starts again goes on.
 */
final class Probes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Probes.class);
  private static final String FIELD = "readiness_probe";
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 2_000;

  /** The database may be away when a probe has ended. */
  private static final long RETRY_MS = 1_000;

  private final Store store;
  private final Vault vault;
  private final ProbeStore table;
  private final SandboxStore sandboxes;
  private final Directory directory;
  private final Afterwork afterwork;
  private final NodeClient node;
  private final ToIntFunction<Sandbox> defaultPort;
  private final ConcurrentMap<String, Watch> watches = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Probes(
      Store store,
      Vault vault,
      ProbeStore table,
      SandboxStore sandboxes,
      Directory directory,
      Afterwork afterwork,
      NodeClient node,
      ToIntFunction<Sandbox> defaultPort) {
    this.store = store;
    this.vault = vault;
    this.table = table;
    this.sandboxes = sandboxes;
    this.directory = directory;
    this.afterwork = afterwork;
    this.node = node;
    this.defaultPort = defaultPort;
  }

  /** How it stands with a sandbox. */
  enum Standing {
    READY,
    WAITING,
    FAILED
  }

  /** A probe that has not passed; null where something else has failed. */
  private static final class Watch {
    final @Nullable ReadinessProbe probe;
    final AtomicBoolean begun = new AtomicBoolean();
    final CountDownLatch end = new CountDownLatch(1);
    volatile @Nullable String failure;

    Watch(@Nullable ReadinessProbe probe) {
      this.probe = probe;
    }

    void fails(String why) {
      failure = why;
      end.countDown();
    }
  }

  /** A sandbox is about to be created: from now on it is not ready. */
  void expect(Plan plan) {
    ReadinessProbe probe = plan.begin().probe();
    if (probe != null) {
      watches.put(plan.sandbox().id(), new Watch(probe));
    }
  }

  /** Stores the probe of a new sandbox, in the transaction that stores the sandbox. */
  void insert(Tx tx, Plan plan) {
    ReadinessProbe probe = plan.begin().probe();
    if (probe != null) {
      String id = plan.sandbox().id();
      byte[] json = Json.MAPPER.writeValueAsString(probe).getBytes(StandardCharsets.UTF_8);
      table.insert(tx, id, vault.seal(tx, id, FIELD, json));
    }
  }

  /** A sandbox is destroyed, or never came to be. */
  void remove(String sandboxId) {
    Watch gone = watches.remove(sandboxId);
    if (gone != null) {
      gone.end.countDown();
    }
  }

  /** Whether a sandbox has a probe that has not passed. */
  boolean has(String sandboxId) {
    return watches.containsKey(sandboxId);
  }

  Standing standing(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.id());
    if (watch != null) {
      return watch.failure == null ? Standing.WAITING : Standing.FAILED;
    }
    if (sandbox.readyAt() != null) {
      return Standing.READY;
    }
    // Another process of the server may be looking.
    ProbeStore.Row row = unfinished(sandbox);
    if (row == null) {
      return Standing.READY;
    }
    return row.failure() == null ? Standing.WAITING : Standing.FAILED;
  }

  /** Why a sandbox is not ready that should be; null when it is, or still may be. */
  @Nullable String failure(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.id());
    if (watch != null) {
      return watch.failure;
    }
    ProbeStore.Row row = sandbox.readyAt() == null ? unfinished(sandbox) : null;
    return row == null ? null : row.failure();
  }

  private ProbeStore.@Nullable Row unfinished(Sandbox sandbox) {
    return store.find(sandbox.org(), tx -> table.unfinished(tx, sandbox.id()));
  }

  /** Waits for the end of a probe that this process looks at, at most for so long. */
  void await(String sandboxId, Duration most) {
    Watch watch = watches.get(sandboxId);
    if (watch != null) {
      await(watch.end, most);
    }
  }

  /** Waits, at most for so long, until the standing of a sandbox is worth another look. */
  void awaitNews(String sandboxId, Duration most) {
    Watch watch = watches.get(sandboxId);
    await(watch == null ? new CountDownLatch(1) : watch.end, most);
  }

  private static void await(CountDownLatch end, Duration most) {
    try {
      var _ = end.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes in the probes of earlier processes of the server; those that wait begin anew. */
  void load() {
    for (ProbeStore.Row row : store.system(table::unfinished)) {
      try {
        Watch watch = new Watch(opened(row));
        if (row.failure() != null) {
          watch.fails(row.failure());
        }
        watches.putIfAbsent(row.id(), watch);
        directory.byId(row.id()).ifPresent(this::started);
      } catch (RuntimeException unreadable) {
        LOG.warn("The readiness probe of {} cannot be read.", row.id(), unreadable);
      }
    }
  }

  private @Nullable ReadinessProbe opened(ProbeStore.Row row) {
    byte[] sealed = row.sealed();
    if (sealed == null) {
      return null;
    }
    byte[] json =
        store.transaction(
            new OrganizationId(row.org()), tx -> vault.open(tx, row.id(), FIELD, sealed));
    return Json.MAPPER.readValue(json, ReadinessProbe.class);
  }

  /** The machine of a sandbox has started or goes on. */
  void started(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.id());
    ReadinessProbe probe = watch == null ? null : watch.probe;
    if (watch != null
        && probe != null
        && watch.failure == null
        && watch.begun.compareAndSet(false, true)) {
      Thread.ofVirtual().name("probe-" + sandbox.id()).start(() -> watch(sandbox, watch, probe));
    }
  }

  /**
   * A sandbox will not be what it was created for: it is not ready, whatever its probe says, and
   * tells why.
   */
  void fail(Sandbox sandbox, String failure) {
    try {
      // That it runs is told first.
      afterwork.settle();
      store.execute(
          sandbox.org(),
          tx -> {
            if (table.lost(tx, sandbox.id(), failure)) {
              told(tx, sandbox.id(), failure);
            }
          });
    } catch (RuntimeException away) {
      LOG.info("What failed in {} was not stored: {}", sandbox.id(), away.getMessage());
    }
    watches.computeIfAbsent(sandbox.id(), id -> new Watch(null)).fails(failure);
    if (directory.byId(sandbox.id()).isEmpty()) {
      remove(sandbox.id());
    }
  }

  private void watch(Sandbox sandbox, Watch watch, ReadinessProbe probe) {
    Readiness readiness = Readiness.of(probe, defaultPort.applyAsInt(sandbox));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(probe.seconds());
    long pause = FIRST_PAUSE_MS;
    @Nullable String last = null;
    try {
      while (!closed) {
        Optional<String> obstacle = obstacle(readiness, sandbox.id(), until(end));
        Duration left = until(end);
        if (obstacle.isPresent() && left.isPositive()) {
          last = obstacle.get();
          if (watch.end.await(Math.min(pause, left.toMillis() + 1), TimeUnit.MILLISECONDS)) {
            return;
          }
          pause = Math.min(pause * 3 / 2, LONGEST_PAUSE_MS);
        } else if (written(sandbox, watch, late(probe, last, obstacle))
            || watch.end.await(RETRY_MS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration until(long end) {
    return Duration.ofNanos(end - System.nanoTime());
  }

  /** The attempt that the end of the time cut off says less than the one before it. */
  private static @Nullable String late(
      ReadinessProbe probe, @Nullable String before, Optional<String> cutOff) {
    return cutOff
        .map(now -> before == null ? now : before)
        .map(last ->
            "The readiness probe did not pass within " + probe.seconds() + " s: " + last + ".")
        .orElse(null);
  }

  private Optional<String> obstacle(Readiness readiness, String id, Duration left) {
    SandboxState state = directory.byId(id).map(Sandbox::state).orElse(SandboxState.DESTROYED);
    if (state != SandboxState.RUNNING) {
      return Optional.of("the sandbox is " + state.wire());
    }
    try {
      return readiness.obstacle(node, id, left);
    } catch (AtollException refused) {
      return Optional.of(String.valueOf(refused.getMessage()));
    }
  }

  /** Writes down and tells how a probe has ended; false when that was not possible now. */
  private boolean written(Sandbox sandbox, Watch watch, @Nullable String failure) {
    try {
      // That it runs is told first.
      afterwork.settle();
      store.execute(sandbox.org(), tx -> tell(tx, sandbox.id(), failure));
    } catch (RuntimeException away) {
      LOG.info("How the probe of {} ended was not stored now: {}", sandbox.id(), away.getMessage());
      return false;
    }
    watch.failure = failure;
    if (failure == null) {
      watches.remove(sandbox.id(), watch);
    }
    watch.end.countDown();
    return true;
  }

  private void tell(Tx tx, String id, @Nullable String failure) {
    boolean changed = failure == null ? table.passed(tx, id) : table.failed(tx, id, failure);
    if (changed) {
      told(tx, id, failure);
    }
  }

  private void told(Tx tx, String id, @Nullable String failure) {
    Sandbox now = sandboxes.byId(tx, id).orElseThrow();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("status", now.state().wire());
    if (failure == null) {
      data.put("boot_path", now.bootPath());
      data.put("boot_ms", now.bootMs());
    } else {
      data.put("reason", failure);
    }
    String type = failure == null ? "sandbox.ready" : "sandbox.not_ready";
    tx.event(Rows.event(type, now, data));
    tx.afterCommit(() -> directory.put(now));
  }

  @Override
  public void close() {
    closed = true;
  }
}

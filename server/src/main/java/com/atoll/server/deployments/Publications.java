package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The publishes under way. One deployment publishes one version at a time, in order. */
final class Publications implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long LONGEST_PAUSE_MS = 5_000;

  private final Tables tables;
  private final Publisher publisher;
  private final Leftovers leftovers;
  private final Locks order = new Locks();
  private final Map<String, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  Publications(Tables tables, Publisher publisher, Leftovers leftovers) {
    this.tables = tables;
    this.publisher = publisher;
    this.leftovers = leftovers;
  }

  /** Begins, or goes on with, the publish of a version. */
  void begin(OrganizationId org, String deployment, String version) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (running.putIfAbsent(version, done) == null) {
      Thread.ofVirtual()
          .name("publish-" + version)
          .start(() -> {
            try (Locks.Held _ = order.lock(deployment)) {
              run(org, version);
            } finally {
              running.remove(version);
              done.complete(true);
            }
          });
    }
  }

  /** Waits until the publish has ended, at most so long. */
  void await(String version, Duration limit) {
    CompletableFuture<Boolean> done = running.get(version);
    if (done == null) {
      return;
    }
    try {
      done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException stillRunning) {
      return;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  boolean isRunning(String version) {
    return running.containsKey(version);
  }

  private record Work(Deployment deployment, Version version) {}

  private void run(OrganizationId org, String id) {
    Instant since = Instant.now();
    long pause = 200;
    while (closed.getCount() > 0) {
      @Nullable Work work = null;
      try {
        work = load(org, id);
        if (work == null || !work.version().state().open()) {
          return;
        }
        publisher.advance(work.deployment(), work.version());
        since = Instant.now();
        pause = 200;
      } catch (RuntimeException failure) {
        boolean again =
            Fault.passes(failure) && (work == null || since.plus(PATIENCE).isAfter(Instant.now()));
        if (!again && work != null) {
          giveUp(work, failure);
          return;
        }
        if (waited(pause)) {
          return;
        }
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private @Nullable Work load(OrganizationId org, String id) {
    return tables
        .store()
        .find(
            org,
            tx -> {
              Version version = tables.versions().byId(tx, id);
              Deployment deployment =
                  version == null ? null : tables.deployments().byId(tx, version.deploymentId());
              return deployment == null || deployment.deleted() || version == null
                  ? null
                  : new Work(deployment, version);
            });
  }

  private void giveUp(Work work, RuntimeException failure) {
    ErrorCode code =
        failure instanceof AtollException refused ? refused.code() : ErrorCode.INTERNAL_ERROR;
    if (code.status() == 500) {
      LOG.error("Publishing {} failed", work.version().id(), failure);
    }
    String message =
        failure instanceof AtollException refused
            ? refused.getMessage()
            : ErrorCode.INTERNAL_ERROR.template();
    try {
      publisher.fail(work.deployment(), work.version(), code, message);
      leftovers.ofFailed(work.deployment(), work.version());
    } catch (RuntimeException away) {
      LOG.warn("Version {} is ended by the next start.", work.version().id(), away);
    }
  }

  private boolean waited(long milliseconds) {
    try {
      return closed.await(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Goes on with what an earlier process left. */
  void resume() {
    record Open(OrganizationId org, Version version) {}
    tables
        .store()
        .system(tx ->
            tables.versions().open(tx).stream()
                .map(v -> {
                  Deployment d = tables.deployments().byId(tx, v.deploymentId());
                  return d == null ? null : new Open(d.owner().org(), v);
                })
                .filter(java.util.Objects::nonNull)
                .toList())
        .forEach(open -> begin(open.org(), open.version().deploymentId(), open.version().id()));
  }

  @Override
  public void close() {
    closed.countDown();
  }
}

package com.atoll.server.checks;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has each check asked when it is due; several processes share them. */
final class Watch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
  private static final int AT_ONCE = 64;

  /** One organization whose addresses do not answer must not take the turns of all others. */
  private static final int AT_ONCE_EACH = 8;

  private static final String DUE =
      """
      update health_checks set next_check_at = now() + make_interval(secs => interval_sec)
      where status <> 'paused' and next_check_at <= now() and id in (
        select id from (
          select id, next_check_at, row_number() over (partition by org order by next_check_at) as n
          from health_checks
          where status <> 'paused' and next_check_at <= now() and org <> all (?)) as due
        where n <= ? order by next_check_at limit ?) returning *\
      """;

  private static final String SEEN =
      """
      update health_checks set status = ?, last_status_code = ?, last_error = ?, last_duration_ms = ?,
        last_checked_at = now(), version = version + case when status = ? then 0 else 1 end
      where id = ? and status <> 'paused' and url = ? returning old.status as before, version\
      """;

  private final Store store;
  private final Prober prober;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final Map<String, Integer> asking = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  Watch(Store store, Prober prober) {
    this.store = store;
    this.prober = prober;
  }

  void start() {
    Thread.ofVirtual().name("health-checks").start(this::work);
  }

  private void work() {
    try {
      while (!closed.await(1, TimeUnit.SECONDS)) {
        look();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    int free = slots.availablePermits();
    if (free == 0) {
      return;
    }
    try {
      List<Check> due =
          store.system(tx -> tx.sql().fetch(DUE, busy(), AT_ONCE_EACH, free).map(Check::of));
      for (Check check : due) {
        slots.acquireUninterruptibly();
        asking.merge(check.org(), 1, Integer::sum);
        Thread.ofVirtual()
            .start(() -> {
              try {
                ask(check);
              } finally {
                asking.computeIfPresent(check.org(), (org, had) -> had == 1 ? null : had - 1);
                slots.release();
              }
            });
      }
    } catch (AtollException away) {
      LOG.debug("Checks wait for the database: {}", away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("Checks were not looked at; the next round does.", failed);
    }
  }

  private String[] busy() {
    return asking.entrySet().stream()
        .filter(each -> each.getValue() >= AT_ONCE_EACH)
        .map(Map.Entry::getKey)
        .toArray(String[]::new);
  }

  private void ask(Check check) {
    long began = System.nanoTime();
    @Nullable Integer code = null;
    @Nullable String error = null;
    try {
      code = prober.ask(check);
      error =
          code == check.expectedStatus()
              ? null
              : "answered " + code + " instead of " + check.expectedStatus();
    } catch (IOException | RuntimeException failed) {
      error = String.valueOf(failed.getMessage());
    }
    int took = (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    try {
      seen(check, code, error, took);
    } catch (RuntimeException failed) {
      LOG.debug("The answer of check {} was not written down.", check.id(), failed);
    }
  }

  private void seen(Check check, @Nullable Integer code, @Nullable String error, int took) {
    String status = error == null ? "healthy" : "unhealthy";
    String shown = error == null || error.length() <= 300 ? error : error.substring(0, 300);
    store.executeSystem(tx -> {
      Record row =
          tx.sql().fetchOne(SEEN, status, code, shown, took, status, check.id(), check.url());
      if (row != null && !status.equals(row.get("before", String.class))) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", check.name());
        data.put("url", check.url());
        data.put("status_code", code);
        data.put("error", shown);
        tx.event(
            new OrganizationId(check.org()),
            Event.of(
                "health_check." + status,
                "health_check",
                check.id(),
                row.get("version", Long.class),
                data));
      }
    });
  }

  @Override
  public void close() {
    closed.countDown();
    prober.close();
  }
}

package com.atoll.server.http;

import com.atoll.model.OrganizationId;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Budgets in memory, with the rules of those in the database. */
final class LocalBudgets implements RateBudgets {
  private final Clock clock;
  private final Map<String, Window> windows = new HashMap<>();
  private final Map<String, Integer> leases = new HashMap<>();

  private record Window(long started, int used) {}

  LocalBudgets(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Workspace workspace(OrganizationId org, @Nullable String reference) {
    return new Workspace(reference == null ? org.value() : reference, null);
  }

  @Override
  public synchronized Lease lease(OrganizationId org, String name, int limit) {
    leases.merge(name, 1, Integer::sum);
    long now = clock.millis();
    Window window = windows.get(name);
    if (window == null || now - window.started() >= WINDOW_MS) {
      window = new Window(now, 0);
    }
    int granted = Math.max(0, (limit - window.used() + 3) / 4);
    Window after = new Window(window.started(), window.used() + granted);
    windows.put(name, after);
    return new Lease(granted, Math.max(0, limit - after.used()), after.started() + WINDOW_MS - now);
  }

  /** How often this budget was asked for. */
  synchronized int leases(String name) {
    return leases.getOrDefault(name, 0);
  }

  synchronized int used(String name) {
    Window window = windows.get(name);
    return window == null ? 0 : window.used();
  }
}

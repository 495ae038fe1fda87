package com.atoll.server.limits;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.RateBudgets;
import com.atoll.server.store.Store;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Budgets in a table without a write-ahead log. One row is touched for many requests: a slice is a
 * quarter of what is left, so the last requests of a budget are found by whichever process asks.
 */
public final class StoredBudgets implements RateBudgets {
  private static final long BELIEVED_MS = 5_000;
  private static final int MOST_BELIEVED = 20_000;
  private static final int LONGEST = 255;

  private final Store store;
  private final Map<String, Believed> workspaces = new ConcurrentHashMap<>();

  private record Believed(Workspace workspace, long until) {}

  /** The budgets of this store. */
  public StoredBudgets(Store store) {
    this.store = store;
  }

  @Override
  public Workspace workspace(OrganizationId org, @Nullable String reference) {
    String asked = reference == null || reference.length() > LONGEST ? "" : reference;
    long now = System.nanoTime() / 1_000_000;
    Believed believed = workspaces.get(org.value() + ' ' + asked);
    if (believed != null && now < believed.until()) {
      return believed.workspace();
    }
    Workspace found = find(org, asked);
    if (workspaces.size() >= MOST_BELIEVED) {
      workspaces.values().removeIf(b -> now >= b.until());
    }
    if (workspaces.size() < MOST_BELIEVED) {
      workspaces.put(org.value() + ' ' + asked, new Believed(found, now + BELIEVED_MS));
    }
    return found;
  }

  /** Forgets what is believed about workspaces, because one was changed. */
  public void forget() {
    workspaces.clear();
  }

  private Workspace find(OrganizationId org, String asked) {
    Record row =
        store.find(
            org,
            tx ->
                tx.sql()
                    .fetchOne(
                        """
                        select id, requests_per_minute from workspaces
                        where is_default or id = ? or slug = ? or name = ?
                        order by (id = ?) desc, (slug = ?) desc, (name = ?) desc, is_default desc limit 1\
                        """,
                        asked,
                        asked,
                        asked,
                        asked,
                        asked,
                        asked));
    return row == null
        ? new Workspace(org.value(), null)
        : new Workspace(row.get(0, String.class), row.get(1, Integer.class));
  }

  @Override
  public Lease lease(OrganizationId org, String name, int limit) {
    return store.transaction(
        org,
        tx -> {
          Record row =
              tx.sql()
                  .fetchSingle(
                      """
                      insert into rate_windows as w (org, name, started, used, granted)
                      values (?, ?, now(), (? + 3) / 4, (? + 3) / 4)
                      on conflict (org, name) do update set
                        started = case when w.started <= now() - interval '1 minute'
                          then excluded.started else w.started end,
                        used = case when w.started <= now() - interval '1 minute'
                          then excluded.used else w.used + greatest(0, ? - w.used + 3) / 4 end,
                        granted = case when w.started <= now() - interval '1 minute'
                          then excluded.granted else greatest(0, ? - w.used + 3) / 4 end
                      returning used, granted,
                        cast(1000 * extract(epoch from started + interval '1 minute' - now()) as bigint) as ends\
                      """,
                      org.value(),
                      name,
                      limit,
                      limit,
                      limit,
                      limit);
          return new Lease(
              row.get("granted", Integer.class),
              Math.max(0, limit - row.get("used", Integer.class)),
              Math.clamp(row.get("ends", Long.class), 1, WINDOW_MS));
        });
  }

  /** Deletes budgets that nobody uses any more. */
  public void sweep() {
    store.executeSystem(tx ->
        tx.sql().execute("delete from rate_windows where started < now() - interval '5 minutes'"));
  }
}

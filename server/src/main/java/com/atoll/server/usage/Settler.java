package com.atoll.server.usage;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Record;

/**
 * Writes down how far the counters of an organization have grown. What was written is the counter,
 * always: a process that ends in between leaves the growth to the next one.
 */
final class Settler {
  private static final int CHUNK = 1000;

  private static final String GROWING =
      """
      select resource_id as id from usage_due where org = ?
      union select id from sandboxes where org = ? and (state = 'running' or (? and state <> 'destroyed'))
      union select id from deployment_instances where org = ? and stopped_at is null
      union select id from deployment_versions where org = ? and (state in ('created', 'building') or ?)
      union select id from volumes where org = ? and ?
      union select id from snapshots where org = ? and ? and status <> 'deleted'\
      """;

  private static final String ORGANIZATIONS =
      """
      select org from usage_due union select org from usage_closed
      union select org from sandboxes where state = 'running'
      union select org from deployment_instances where desired <> 'stopped'
      union select org from sandboxes where ? and state <> 'destroyed'
      union select org from deployments where ?
      union select org from volumes where ?
      union select org from snapshots where ? and status <> 'deleted'\
      """;

  private static final String MOVE =
      """
      with counted as (%s), moved as (
        insert into usage_cursors as u (resource_id, dimension, org, total)
        select resource_id, dimension, org, total from counted order by resource_id, dimension
        on conflict (resource_id, dimension) do update set total = excluded.total
          where u.total <> excluded.total
        returning u.resource_id, u.dimension, new.total - coalesce(old.total, 0) as quantity
      )
      select c.*, m.quantity from moved m
        join counted c on c.resource_id = m.resource_id and c.dimension = m.dimension\
      """;

  private static final String GROWN =
      MOVE.formatted("select * from usage_counters where resource_id = any(cast(? as text[]))");
  private static final String GONE =
      MOVE.formatted("delete from usage_closed where org = ? returning *");

  private final Store store;
  private final UsageBook book;
  private final Prices prices;

  Settler(Store store, UsageBook book, Prices prices) {
    this.store = store;
    this.book = book;
    this.prices = prices;
  }

  /** Those that have something to write down; {@code all} also looks at what merely lies there. */
  List<OrganizationId> organizations(boolean all) {
    return store.system(tx ->
        tx.sql()
            .fetch(ORGANIZATIONS, all, all, all, all)
            .map(row -> new OrganizationId(row.get(0, String.class))));
  }

  /** Writes down what an organization has used until now. */
  void settle(OrganizationId org, boolean all) {
    String id = org.value();
    List<String> growing =
        store.system(tx ->
            tx.sql()
                .fetch(GROWING, id, id, all, id, id, all, id, all, id, all)
                .getValues(0, String.class));
    for (int from = 0; from < growing.size(); from += CHUNK) {
      String[] chunk =
          growing.subList(from, Math.min(from + CHUNK, growing.size())).toArray(String[]::new);
      transact(
          org,
          tx -> {
            tx.sql()
                .execute(
                    "delete from usage_due where resource_id = any(cast(? as text[]))",
                    (Object) chunk);
            return tx.sql().fetch(GROWN, (Object) chunk);
          });
    }
    transact(
        org,
        tx -> {
          List<? extends Record> gone = tx.sql().fetch(GONE, id);
          // Their rows are gone: nothing counts on from here.
          String[] ids =
              gone.stream().map(row -> row.get("resource_id", String.class)).toArray(String[]::new);
          if (ids.length > 0) {
            tx.sql()
                .execute(
                    "delete from usage_cursors where resource_id = any(cast(? as text[]))",
                    (Object) ids);
          }
          return gone;
        });
  }

  /** Forgets how far the counters of sandboxes were written down that ended days ago. */
  void sweep() {
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                delete from usage_cursors c using sandboxes s
                where s.destroyed_at between now() - interval '4 days' and now() - interval '3 days'
                  and c.resource_id = s.id
                  and not exists (select from usage_due d where d.resource_id = s.id)\
                """));
  }

  private void transact(OrganizationId org, Store.Work<List<? extends Record>> moved) {
    store.executeSystem(tx -> {
      lock(tx, org);
      boolean free = isTest(tx, org);
      List<UsageEvent> events = new ArrayList<>();
      moved.run(tx).forEach(row -> events.add(event(row, free)));
      book.write(tx, org, events);
      CrashPoint.BEFORE_COMMIT.reach();
    });
    CrashPoint.AFTER_COMMIT.reach();
  }

  /** One at a time for each organization, whichever process it is. */
  private static void lock(Tx tx, OrganizationId org) {
    tx.sql().execute("select pg_advisory_xact_lock(hashtextextended(?, 200))", org.value());
  }

  /** Writes down what somebody else counts. */
  void charge(Tx tx, OrganizationId org, List<UsageEvent> events) {
    lock(tx, org);
    boolean free = isTest(tx, org);
    book.write(
        tx,
        org,
        events.stream()
            .map(e -> e.costing(free ? 0 : prices.micros(e.dimension(), e.quantity())))
            .toList());
  }

  /** What is made with test keys lives in an organization of its own and costs nothing. */
  private static boolean isTest(Tx tx, OrganizationId org) {
    Record row =
        tx.sql()
            .fetchOne(
                "select to_jsonb(o) ->> 'test_of' is not null from organizations o where org = ?",
                org.value());
    return row != null && row.get(0, Boolean.class);
  }

  private UsageEvent event(Record row, boolean free) {
    Dimension dimension = Dimension.of(row.get("dimension", String.class));
    long quantity = row.get("quantity", Long.class);
    return new UsageEvent(
        row.get("kind", String.class),
        row.get("resource_id", String.class),
        row.get("workspace_id", String.class),
        row.get("project_id", String.class),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class),
        row.get("run_id", String.class),
        dimension,
        quantity,
        free ? 0 : prices.micros(dimension, quantity));
  }
}

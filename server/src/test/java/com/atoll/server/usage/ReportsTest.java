package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jooq.impl.DSL;

class ReportsTest {
  private static final LocalDate BEGIN = LocalDate.of(2026, 1, 1);
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static OrganizationId org = OrganizationId.next();

  /** Records of 200 days, not every user on every day, and their sums as metering writes them. */
  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
    org = Owners.organization(store);
    store.executeSystem(tx -> {
      tx.sql()
          .execute(
              """
              insert into usage_records (org, hour, kind, resource_id, dimension, workspace_id, external_user_id,
                quantity, cost_micros)
              select ?, timestamptz '2026-01-01 05:00Z' + make_interval(days => i), 'sandbox', ? || i || '-' || u,
                'sandbox_seconds', 'w' || i %% 2, 'user-' || u, 1000 * (1 + i * 7 %% 11), i + u
              from generate_series(0, 199) i, generate_series(0, 6) u where (i * 5 + u * 3) %% 7 < 3\
              """
                  .formatted(),
              org.value(),
              org.value());
      for (String part : List.of("day", "month")) {
        tx.sql()
            .execute(
                """
                insert into usage_{part}s
                select org, date_trunc('{part}', hour at time zone 'UTC')::date, dimension, workspace_id, '', '',
                  external_user_id, '', sum(quantity), sum(cost_micros)
                from usage_records where org = ? group by 1, 2, 3, 4, 7\
                """
                    .replace("{part}", part),
                org.value());
      }
    });
  }

  @AfterContainer
  static void stop() {
    store.close();
  }

  /** Whatever the days, a report is the sum of their records. */
  @Property(tries = 60)
  void aReportIsTheSumOfItsRecords(
      @ForAll @IntRange(max = 199) int first, @ForAll @IntRange(max = 120) int length) {
    Period period = new Period(BEGIN.plusDays(first), BEGIN.plusDays(first + length));
    Map<String, Double> reported = new TreeMap<>();
    store
        .transaction(
            org,
            tx ->
                Reports.rows(
                    tx,
                    period,
                    EnumSet.of(Group.EXTERNAL_USER_ID, Group.WORKSPACE_ID),
                    DSL.noCondition()))
        .forEach(row ->
            reported.put(
                row.externalUserId() + ' ' + row.workspaceId(), row.lineItems().getFirst().qty()));
    Map<String, Double> recorded = new TreeMap<>();
    store
        .system(tx ->
            tx.sql()
                .fetch(
                    """
                    select external_user_id || ' ' || workspace_id, sum(quantity) / 1000 from usage_records
                    where org = ? and (hour at time zone 'UTC')::date between ? and ? group by 1\
                    """,
                    org.value(),
                    period.first(),
                    period.last()))
        .forEach(row -> recorded.put(row.get(0, String.class), row.get(1, Double.class)));
    assertEquals(recorded, reported);
  }
}

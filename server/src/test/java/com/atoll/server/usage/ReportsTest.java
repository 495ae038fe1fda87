package com.atoll.server.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Owners;
import com.atoll.server.testing.TestPostgres;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

class ReportsTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MINUTES = 130 * 24 * 60;
  private static final int WRITES = 400;
  private static final Store store = Store.of(TestPostgres.get().installation());
  private static OrganizationId org = OrganizationId.next();

  /**
   * Use at any minute of 130 days, often beside a midnight, of resources that change hands, some of
   * it taken back; not all of an organization's days have any.
   */
  @BeforeContainer
  static void start() throws Exception {
    store.migrate();
    org = Owners.organization(store);
    OrganizationId other = Owners.organization(store);
    Random random = new Random(11);
    for (int i = 0; i < WRITES; i++) {
      int minute = random.nextInt(MINUTES);
      int beside = random.nextInt(2) == 0 ? minute : minute / 1440 * 1440 + random.nextInt(3) - 1;
      Instant now = BEGIN.plusSeconds(60L * Math.max(0, beside));
      OrganizationId whose = random.nextInt(10) == 0 ? other : org;
      List<UsageEvent> events = events(random, whose);
      UsageBook book = new UsageBook(() -> now);
      store.executeSystem(tx -> book.write(tx, whose, events));
    }
  }

  private static List<UsageEvent> events(Random random, OrganizationId whose) {
    List<UsageEvent> events = new ArrayList<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      events.add(
          new UsageEvent(
              "sandbox",
              "sbx_" + whose.value() + random.nextInt(6),
              any(random, "wsp_a", "wsp_b"),
              orNone(random, "prj_a", "prj_b"),
              orNone(random, "team 1", "tim, \"2\""),
              orNone(random, "ann", "bob", "carl \uD83D\uDE00"),
              orNone(random, "x"),
              null,
              any(
                  random,
                  Dimension.SANDBOX_SECONDS,
                  Dimension.SANDBOX_SENT_GB,
                  Dimension.VOLUME_GB_MONTHS),
              random.nextInt(1_000_000) - 200_000,
              random.nextInt(50_000) - 10_000));
    }
    return events;
  }

  @SafeVarargs
  private static <T> T any(Random random, T... of) {
    return of[random.nextInt(of.length)];
  }

  private static @Nullable String orNone(Random random, String... of) {
    return random.nextInt(of.length + 1) == 0 ? null : any(random, of);
  }

  @AfterContainer
  static void stop() {
    store.close();
  }

  /** Whatever the days, what it is by and whose it is, a report is the sum of the records. */
  @Property(tries = 150)
  void aReportIsTheSumOfItsRecords(
      @ForAll @IntRange(min = -1500, max = MINUTES) int from,
      @ForAll @IntRange(max = 100_000) int length,
      @ForAll @IntRange(min = -14, max = 14) int zone,
      @ForAll @Size(min = 1) Set<Group> groups,
      @ForAll @Size(max = 2) Set<Group> about,
      @ForAll long seed) {
    ZoneOffset offset = ZoneOffset.ofHours(zone);
    OffsetDateTime start = BEGIN.plusSeconds(60L * from).atOffset(offset);
    OffsetDateTime end = start.plusMinutes(length + 1L);
    Period period = Period.of(start.toString(), end.toString(), null, LocalDate.of(2026, 11, 27));
    assertEquals(start.withOffsetSameInstant(ZoneOffset.UTC).toLocalDate(), period.first());
    assertTrue(
        end.isAfter(period.last().atStartOfDay().atOffset(ZoneOffset.UTC))
            && !end.isAfter(period.last().plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC)));
    Filter filter = filter(about, new Random(seed));
    Set<Group> by = EnumSet.copyOf(groups);
    assertEquals(recorded(period, by, filter), reported(period, by, filter));
    assertEquals(
        recorded(period, EnumSet.noneOf(Group.class), filter),
        store.transaction(org, tx -> Reports.total(tx, period, filter)).values().stream()
            .map(sum -> line("", sum.dimension(), sum.quantity(), sum.costMicros()))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static Filter filter(Set<Group> about, Random random) {
    Map<String, String> owners = new TreeMap<>();
    for (Group group : about) {
      switch (group) {
        case EXTERNAL_USER_ID -> owners.put(group.column(), any(random, "ann", "nobody"));
        case EXTERNAL_PROJECT_ID -> owners.put(group.column(), "x");
        case EXTERNAL_WORKSPACE_ID -> owners.put(group.column(), "tim, \"2\"");
        case WORKSPACE_ID -> owners.put(group.column(), any(random, "wsp_a", "wsp_b"));
        case PROJECT_ID -> owners.put(group.column(), "prj_b");
        case DAY -> {}
      }
    }
    return new Filter(owners);
  }

  private static Set<String> reported(Period period, Set<Group> groups, Filter filter) {
    Set<String> lines = new TreeSet<>();
    for (UsageRow row : store.transaction(org, tx -> Reports.rows(tx, period, groups, filter))) {
      String key =
          groups.stream()
              .map(group -> Objects.requireNonNullElse(UsageApi.key(row, group), ""))
              .collect(Collectors.joining("|"));
      row.lineItems()
          .forEach(item ->
              lines.add(key + ' ' + item.dimension() + ' ' + item.qty() + ' ' + item.usd()));
    }
    return lines;
  }

  private static Set<String> recorded(Period period, Set<Group> groups, Filter filter) {
    String key =
        Stream.concat(
                groups.stream()
                    .map(group ->
                        group == Group.DAY
                            ? "cast((hour at time zone 'UTC')::date as text)"
                            : "coalesce(" + group.column() + ", '')"),
                Stream.of("''"))
            .collect(Collectors.joining(", "));
    return store.system(tx ->
        tx
            .sql()
            .fetch(
                "select array_to_string((array["
                    + key
                    + "])[:{3}], '|'), dimension, sum(quantity), sum(cost_micros) from usage_records"
                    + " where org = {0} and (hour at time zone 'UTC')::date between {1} and {2} and {4}"
                    + " group by 1, 2 having sum(quantity) <> 0 or sum(cost_micros) <> 0",
                DSL.val(org.value()),
                DSL.val(period.first()),
                DSL.val(period.last()),
                DSL.val(groups.size()),
                filter.condition())
            .stream()
            .map(ReportsTest::line)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static String line(Record row) {
    return line(
        row.get(0, String.class),
        Dimension.of(row.get(1, String.class)),
        row.get(2, Long.class),
        row.get(3, Long.class));
  }

  private static String line(String key, Dimension dimension, long quantity, long micros) {
    return key
        + ' '
        + dimension.wire()
        + ' '
        + Reports.rounded(dimension.amount(quantity))
        + ' '
        + Reports.rounded(micros / Reports.MICROS_OF_A_DOLLAR);
  }

  /** Also when a resource changed hands within the hour: the record's owner is that of the sums. */
  @Example
  void allSumsAreThoseOfTheRecords() {
    assertEquals(List.of(), Rollups.differences(store, org));
  }

  /** Sums over all end users are not for one of them. */
  @Example
  void whoIsConfinedToAnEndUserSeesOnlyTheirs() {
    Principal ann = new Principal(org, KeyId.next(), Role.USER, null, 600, "ann");
    assertEquals(
        List.of(0L, 1L, 1L),
        store
            .transaction(
                ann,
                tx ->
                    tx.sql()
                        .fetchSingle(
                            """
                            select (select count(*) from usage_place_days),
                              (select count(distinct external_user_id) from usage_days),
                              (select count(distinct external_user_id) from usage_months)\
                            """))
            .intoList());
  }

  /** What has more rows than fit is refused before all of them are added up. */
  @Example
  void aReportOfTooManyRowsIsRefused() {
    OrganizationId large = Owners.organization(store);
    int step = 10_000;
    for (int from = 0; from <= Reports.MOST_ROWS; from += step) {
      int first = from;
      store.executeSystem(tx ->
          tx.sql()
              .execute(
                  """
                  insert into usage_days select ?, cast('2026-03-01' as date), 'sandbox_seconds', 'w', 'p', '',
                    'u' || i, '', 1, 1 from generate_series(?, ?) i\
                  """,
                  large.value(),
                  first,
                  Math.min(first + step - 1, Reports.MOST_ROWS)));
    }
    Period march = new Period(LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 3));
    for (Set<Group> groups :
        List.<Set<Group>>of(
            EnumSet.of(Group.EXTERNAL_USER_ID), EnumSet.of(Group.EXTERNAL_USER_ID, Group.DAY))) {
      AtollException refused =
          assertThrows(
              AtollException.class,
              () -> store.transaction(large, tx -> Reports.rows(tx, march, groups, Filter.ALL)));
      assertEquals(ErrorCode.INVALID_PARAM, refused.code());
    }
    Filter one = new Filter(Map.of("external_user_id", "u7"));
    assertEquals(
        1,
        store
            .transaction(
                large, tx -> Reports.rows(tx, march, EnumSet.of(Group.EXTERNAL_USER_ID), one))
            .size());
  }
}

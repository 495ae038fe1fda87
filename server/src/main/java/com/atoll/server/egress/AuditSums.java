package com.atoll.server.egress;

import com.atoll.model.RequestPath;
import com.atoll.server.egress.AuditApi.AuditView;
import com.atoll.server.egress.AuditApi.Suggestion;
import com.atoll.server.egress.AuditApi.Where;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What many calls come to: how many of each host, and which rules might be missing. */
final class AuditSums {
  /** What a rule takes. */
  private static final int LONGEST_GLOB = 500;

  private AuditSums() {}

  /**
   * The last call of each host, and how many there were.
   *
   * <p>Nothing here is a page: who wants fewer hosts asks about less.
   */
  static List<AuditView> byHost(Tx tx, Where where, int most) {
    String sql =
        """
        select * from (
          select distinct on (host) a.*,
            cast(sum(1 + unlogged) over (partition by host) as bigint) as calls
          from egress_audit a where %s order by host, id desc) grouped
        order by calls desc, host limit %d\
        """
            .formatted(where.sql(), most);
    return tx.sql().fetch(sql, where.values()).map(AuditView::read);
  }

  /**
   * Hosts for which a rule would have helped: what is refused for its form or its address stays
   * refused, and so is an address that is closed to all. The first and the last path, where a rule
   * opens part of the host already.
   */
  static List<Suggestion> suggestions(Tx tx, Where where, ClosedAddresses closed, int most) {
    String sql =
        """
        select a.host, a.resource_type, a.resource_id, count(*) as denied, max(a.at) as latest,
          array_remove(array_agg(distinct a.method), null) as methods,
          min(a.path collate "C") as first_path, max(a.path collate "C") as last_path,
          (select s.workspace_id from sandboxes s where s.id = a.resource_id) as workspace
        from egress_audit a
        where %s and a.host <> '' and coalesce(a.reason, '') in ('', 'EGRESS_HOST_NOT_ALLOWED',
          'EGRESS_PORT_NOT_ALLOWED', 'EGRESS_METHOD_NOT_ALLOWED', 'EGRESS_PATH_NOT_ALLOWED',
          'EGRESS_DENIED_BY_RULE')
          and %s
        group by a.host, a.resource_type, a.resource_id order by denied desc, a.host limit %d\
        """
            .formatted(where.sql(), closed.openable(), most);
    List<Object> values = new ArrayList<>(List.of(where.values()));
    values.addAll(closed.values());
    Written written = Written.read(tx);
    Map<Effective.Place, List<Rule>> known = new HashMap<>();
    return tx.sql()
        .fetch(sql, values.toArray())
        .map(row -> {
          String workspace = row.get("workspace", String.class);
          var place =
              new Effective.Place(
                  row.get("resource_id", String.class), workspace == null ? "" : workspace);
          return suggestion(
              row, known.computeIfAbsent(place, one -> Effective.asked(one, written)));
        });
  }

  /** As the rules have it that are asked of calls of that sandbox now. */
  private static Suggestion suggestion(Record row, List<Rule> rules) {
    String @Nullable [] methods = row.get("methods", String[].class);
    long denied = row.get("denied", Long.class);
    String host = row.get("host", String.class);
    boolean partly = rules.stream().anyMatch(rule -> rule.opensPartOf(host));
    return new Suggestion(
        host,
        methods == null ? List.of() : List.of(methods),
        partly
            ? glob(row.get("first_path", String.class), row.get("last_path", String.class))
            : null,
        row.get("resource_type", String.class),
        row.get("resource_id", String.class),
        "refused " + denied + (denied == 1 ? " time" : " times"),
        denied,
        row.get("latest", OffsetDateTime.class).toInstant());
  }

  /**
   * The narrowest pattern that a rule takes of all paths between the first and the last, by their
   * bytes; null when that is every path.
   */
  static @Nullable String glob(@Nullable String first, @Nullable String last) {
    if (first == null || last == null) {
      return null;
    }
    int same = 0;
    while (same < first.length()
        && same < last.length()
        && same < LONGEST_GLOB - 2
        && first.charAt(same) == last.charAt(same)
        && isLiteral(first.charAt(same))) {
      same++;
    }
    String common = first.substring(0, same);
    for (String dots : List.of("/./", "/../")) {
      int at = common.indexOf(dots);
      common = at < 0 ? common : common.substring(0, at + 1);
    }
    if (common.equals(first)
        && common.equals(last)
        && common.startsWith("/")
        && RequestPath.isReachable(common)) {
      return common;
    }
    int slash = common.lastIndexOf('/');
    while (slash >= 1 && !RequestPath.isReachable(common.substring(0, slash + 1))) {
      slash = common.lastIndexOf('/', slash - 1);
    }
    return slash < 1 ? null : common.substring(0, slash + 1) + "**";
  }

  /** What means itself in a pattern. */
  private static boolean isLiteral(char c) {
    return c > ' ' && c <= '~' && c != '*' && c != '?';
  }
}

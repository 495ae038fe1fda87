package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Json;
import com.atoll.server.http.Microseconds;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Times;
import com.atoll.server.http.WebSocket;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonSerialize;

/** What sandboxes called, and what became of it. */
final class AuditApi {
  private static final String PROTOCOL = "miosa-egress-audit-v1";
  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhdw])");
  private static final int USUAL = 100;
  private static final int MOST = 1_000;
  private static final int FOLLOWER_ROWS = 1_000;

  /** By then everything is written down that a machine called before it went. */
  private static final int LAST_ROWS_SECONDS = 5;

  private static final int NORMAL_CLOSURE = 1000;

  private final Store store;
  private final Sandboxes sandboxes;
  private final AuditLog log;
  private final ClosedAddresses closed;

  AuditApi(Store store, Sandboxes sandboxes, AuditLog log, ClosedAddresses closed) {
    this.closed = closed;
    this.store = store;
    this.sandboxes = sandboxes;
    this.log = log;
  }

  /** One call. */
  record AuditView(
      @Doc("Id; ids rise.") String id,
      @Doc("Organization.") String tenantId,
      @Doc("What called: sandbox.") String resourceType,
      @Doc("Id of what called.") String resourceId,
      @Doc("Its workspace.") @Nullable String workspaceId,
      @Doc("What was done: allow, deny, would_deny (audit_only) or fail (it was not reachable).")
          String action,
      @Doc("What the policy says: allow or deny.") String effect,
      @Doc(
              "http, https, tls (passed through unopened), dns (a name that was asked for), or tcp"
                  + " and udp (none of these).")
          String protocol,
      @Doc("Host that was called; its address where the call went past the proxy.") String host,
      @Doc("Port that was called; null of names and where it is not known.") @Nullable Integer port,
      @Doc("HTTP method, where it was seen.") @Nullable String method,
      @Doc("Path without the query, where it was seen.") @Nullable String path,
      @Doc("HTTP status of the answer, where it was seen.") @Nullable Integer statusCode,
      @Doc(
              "Code of the reason of a refusal: EGRESS_HOST_NOT_ALLOWED where no rule opens the host or one closes it,"
                  + " EGRESS_METHOD_NOT_ALLOWED, EGRESS_PATH_NOT_ALLOWED or EGRESS_PORT_NOT_ALLOWED"
                  + " where one opens it and not this call, EGRESS_DENIED_BY_RULE where one denies"
                  + " some of its calls, and others.")
          @Nullable String reason,
      @Doc("Policy that decided.") @Nullable String policyId,
      @Doc("Rule that decided.") @Nullable String ruleId,
      @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
      @Doc("The customer's user.") @Nullable String externalUserId,
      @Doc(
              "How many more calls of it with the same action there were until then that are not listed one by one, for"
                  + " there were too many at once; 0 but for the last of a flood.")
          long unlogged,
      @Doc(
              "With group_by=host: how many calls of this host there were, of which this is the last; null without.")
          @Nullable Long count,
      @Doc("Free data.") Map<String, Object> metadata,
      @Doc("When it was called.") Instant timestamp,
      @Doc(
              "When it was written down, to the microsecond: no two calls have the same, and as since it leads to what"
                  + " came after this one.")
          @JsonSerialize(using = Microseconds.class)
          Instant insertedAt) {

    static AuditView read(Record row) {
      return new AuditView(
          row.get("id", String.class),
          row.get("org", String.class),
          row.get("resource_type", String.class),
          row.get("resource_id", String.class),
          row.get("workspace_id", String.class),
          row.get("action", String.class),
          row.get("effect", String.class),
          row.get("protocol", String.class),
          row.get("host", String.class),
          port(row),
          row.get("method", String.class),
          row.get("path", String.class),
          row.get("status_code", Integer.class),
          row.get("reason", String.class),
          row.get("policy_id", String.class),
          row.get("rule_id", String.class),
          row.get("external_workspace_id", String.class),
          row.get("external_user_id", String.class),
          row.get("unlogged", Long.class),
          row.field("calls") == null ? null : row.get("calls", Long.class),
          Map.of(),
          row.get("at", OffsetDateTime.class).toInstant(),
          row.get("inserted_at", OffsetDateTime.class).toInstant());
    }

    private static @Nullable Integer port(Record row) {
      return switch (row.get("protocol", String.class)) {
        case "http" -> 80;
        case "https", "tls" -> 443;
        default -> row.get("port", Integer.class);
      };
    }
  }

  /** Calls, under the name that every client reads. */
  record AuditList(
      @Doc("The calls: newest first, or oldest first after since.") List<AuditView> events,
      @Doc("Where the next page begins; null on the last.") @Nullable String nextCursor) {}

  /** A host that may be worth a rule. */
  record Suggestion(
      @Doc("Host that was refused.") String host,
      @Doc("Methods that were seen.") List<String> methods,
      @Doc("Pattern of the refused paths, of a host that rules open in part already; null for all.")
          @Nullable String pathGlob,
      @Doc("What called: sandbox.") String resourceType,
      @Doc("Id of what called.") String resourceId,
      @Doc("Why it is suggested.") String reason,
      @Doc("How often it was refused.") long deniedCount,
      @Doc("When it was refused last.") Instant lastDeniedAt) {}

  /** Suggestions, under both names that clients read. */
  record Suggestions(
      @Doc("The suggestions, the most frequent first.") List<Suggestion> data,
      @Doc("The same.") List<Suggestion> suggestions) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        filtered(
                declare(
                    Operation.get("/egress/audit"),
                    "list",
                    "Lists what sandboxes with a policy called."))
            .query("action", "Only allow, deny, would_deny or fail.")
            .query(
                "group_by",
                "host: the last call of each host and how many there were, the most first; no pages.")
            .query("until", "Only calls before this time.")
            .query("cursor", "Where the page begins.")
            .query("external_user_id", "Only calls with this attribution.")
            .query("external_workspace_id", "Only calls with this attribution.")
            .query("workspace_id", "Only calls of this workspace.")
            .response(AuditList.class, Envelope.FLAT)
            .handle(this::list),
        filtered(
                declare(
                    Operation.get("/egress/audit/suggestions"),
                    "suggestions",
                    "Lists hosts that were refused and may be worth a rule."))
            .response(Suggestions.class, Envelope.FLAT)
            .handle(this::suggestions),
        declare(Operation.get("/egress/audit/:event_id"), "get", "Shows one call.")
            .response(AuditView.class, Envelope.DATA)
            .handle(this::get),
        declare(
                Operation.get("/egress/audit/resource/:resource_id"),
                "follow",
                "Follows what a sandbox calls, over WebSocket.")
            .query("token", "A ticket instead of a key.")
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .webSocket()
            .readOnly()
            .run(this::follow));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress.audit." + name)
        .summary(summary)
        .priority("P3")
        .scope("egress:read")
        .errors(ErrorCode.NOT_FOUND);
  }

  private static OperationBuilder<NoBody, NoBody> filtered(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .query("resource_id", "Only calls of this sandbox or workspace.")
        .query(
            "resource_type", "What resource_id names: sandbox (default), workspace, organization.")
        .query("host", "Only calls of this host.")
        .query("since", "Only calls after this time, or in a span like 7d, 12h, 30m.")
        .query("limit", "integer", "How many at most, up to 1000.");
  }

  private AuditList list(Call call) {
    Where where = Where.of(call);
    Instant until = time(call.query("until"), "until");
    if (until != null) {
      where.and("inserted_at < cast(? as timestamptz)", at(until));
    }
    where.equal("action", action(call.query("action")));
    where.equal("external_user_id", call.query("external_user_id"));
    where.equal("external_workspace_id", call.query("external_workspace_id"));
    where.equal("workspace_id", call.query("workspace_id"));
    if (isByHost(call)) {
      int hosts = Math.min(call.queryInt("limit", 1, Integer.MAX_VALUE).orElse(MOST), MOST);
      return new AuditList(
          store.transaction(call.principal(), tx -> AuditSums.byHost(tx, where, hosts)), null);
    }
    String after = after(call);
    boolean oldestFirst = call.query("since") != null;
    if (after != null && oldestFirst) {
      where.after(after);
    } else if (after != null) {
      where.and("id < ?", after);
    }
    int limit = call.queryInt("limit", 1, Integer.MAX_VALUE).orElse(USUAL);
    int most = Math.min(limit, MOST);
    String sql =
        "select * from egress_audit where "
            + where.sql()
            + (oldestFirst ? " order by inserted_at, id" : " order by id desc")
            + " limit "
            + (most + 1);
    List<AuditView> found =
        store.transaction(
            call.principal(), tx -> tx.sql().fetch(sql, where.values()).map(AuditView::read));
    boolean more = found.size() > most;
    List<AuditView> shown = more ? found.subList(0, most) : found;
    return new AuditList(
        shown, more ? com.atoll.server.http.Paging.encode(shown.getLast().id()) : null);
  }

  private static boolean isByHost(Call call) {
    String asked = call.query("group_by");
    if (asked == null || asked.isEmpty()) {
      return false;
    }
    if (!asked.equals("host")) {
      throw AtollException.invalid("group_by", "must be host");
    }
    return true;
  }

  private static @Nullable String after(Call call) {
    String after = call.paging().after();
    if (after != null && !after.startsWith(AuditLog.ID + "_")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
    return after;
  }

  /** Some clients say in words of their own how it ended. */
  private static @Nullable String action(@Nullable String asked) {
    return switch (asked) {
      case null -> null;
      case "" -> null;
      case "allow", "allowed" -> "allow";
      case "deny", "denied" -> "deny";
      case "would_deny", "fail" -> asked;
      default -> throw AtollException.invalid("action", "must be allow, deny, would_deny or fail");
    };
  }

  private AuditView get(Call call) {
    String id = call.path("event_id");
    Record row =
        store.find(
            call.principal(),
            tx -> tx.sql().fetchOne("select * from egress_audit where id = ?", id));
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "egress call " + id);
    }
    return AuditView.read(row);
  }

  private Suggestions suggestions(Call call) {
    Where where = Where.of(call);
    where.and("effect = 'deny'");
    int most = Math.min(call.queryInt("limit", 1, Integer.MAX_VALUE).orElse(50), MOST);
    List<Suggestion> found =
        store.transaction(call.principal(), tx -> AuditSums.suggestions(tx, where, closed, most));
    return new Suggestions(found, found);
  }

  private void follow(Call call) {
    Sandbox sandbox = sandboxes.require(call.principal(), call.path("resource_id"));
    call.webSocket(List.of(PROTOCOL), socket -> talk(socket, sandbox));
  }

  private void talk(WebSocket socket, Sandbox sandbox) throws InterruptedException {
    BlockingQueue<AuditView> rows = new LinkedBlockingQueue<>(FOLLOWER_ROWS);
    Runnable end =
        log.follow(view -> {
          if (view.resourceId().equals(sandbox.id()) && !rows.offer(view)) {
            socket.close(1013, "too slow");
          }
        });
    socket.onClose(end);
    int goneFor = 0;
    try {
      while (socket.isOpen()) {
        AuditView row = rows.poll(1, TimeUnit.SECONDS);
        if (row != null) {
          socket.send(Json.MAPPER.writeValueAsString(row));
        } else if (sandboxes.living(sandbox.id()).isPresent()) {
          goneFor = 0;
        } else if (++goneFor >= LAST_ROWS_SECONDS) {
          socket.close(NORMAL_CLOSURE, "the sandbox is gone");
          return;
        }
      }
    } finally {
      end.run();
    }
  }

  /** Conditions of a query, with their values. */
  record Where(Map<String, @Nullable Object> parts) {
    static Where of(Call call) {
      Where where = new Where(new LinkedHashMap<>());
      where.of(call.query("resource_type"), call.query("resource_id"));
      String host = call.query("host");
      where.equal("host", host == null ? null : host.toLowerCase(java.util.Locale.ROOT));
      Instant since = time(call.query("since"), "since");
      if (since != null) {
        where.and("inserted_at > cast(? as timestamptz)", at(since));
      }
      return where;
    }

    /** Those of a sandbox, or of the sandboxes of a workspace; computers are none here. */
    private void of(@Nullable String type, @Nullable String id) {
      switch (type == null ? "" : type) {
        case "", "sandbox" -> equal("resource_id", id);
        case "workspace" -> equal("resource_type = 'sandbox' and workspace_id", id);
        case "organization", "tenant" -> {}
        case "computer" -> equal("resource_type", type);
        default ->
            throw AtollException.invalid(
                "resource_type", "must be sandbox, workspace or organization");
      }
    }

    void equal(String column, @Nullable String value) {
      if (value != null) {
        and(column + " = ?", value);
      }
    }

    /** Those written after this one; what is no more was older than all. */
    void after(String id) {
      and(
          "inserted_at >= coalesce((select b.inserted_at from egress_audit b where b.id = ?),"
              + " '-infinity')",
          id);
      and(
          "(inserted_at, id) > (select coalesce(b.inserted_at, '-infinity'), c.id"
              + " from (select cast(? as text) as id) c left join egress_audit b on b.id = c.id)",
          id);
    }

    void and(String condition) {
      parts.put(condition, null);
    }

    void and(String condition, Object value) {
      parts.put(condition, value);
    }

    String sql() {
      return parts.isEmpty() ? "true" : String.join(" and ", parts.keySet());
    }

    Object[] values() {
      List<Object> values = new ArrayList<>();
      for (Object value : parts.values()) {
        if (value != null) {
          values.add(value);
        }
      }
      return values.toArray();
    }
  }

  private static OffsetDateTime at(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** A time, or how long ago. */
  private static @Nullable Instant time(@Nullable String text, String name) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long count = Long.parseLong(ago.group(1));
      Duration span =
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> Duration.ofDays(7 * count);
          };
      return Times.checked(name, at(Instant.now().minus(span))).toInstant();
    }
    OffsetDateTime at = Times.of(name, text);
    return at == null ? null : at.toInstant();
  }
}

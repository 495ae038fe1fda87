package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.Identity;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The snapshots of an organization. */
final class HistoryApi {
  private static final int USUAL = 50;
  private static final int MOST = 200;
  private static final int MOST_IDS = 1000;

  private final Store store;
  private final Identity identity;
  private final Forks forks;
  private final Snapshots snapshots;
  private final SnapshotStore table = new SnapshotStore();

  HistoryApi(Store store, Identity identity, Forks forks, Snapshots snapshots) {
    this.store = store;
    this.identity = identity;
    this.forks = forks;
    this.snapshots = snapshots;
  }

  /** Where a page stands. */
  record Meta(
      @Doc("How many there are.") long total,
      @Doc("How many a page has at most.") int limit,
      @Doc("How many come before the page.") int offset,
      @Doc("Whether there are more.") boolean hasMore) {}

  /** A page of snapshots. */
  record History(
      @Doc("Snapshots.") List<SnapshotView> data,
      @Doc("Where the page stands.") Meta meta,
      @Doc("Where the next page begins; null on the last.") @Nullable String nextCursor) {}

  /** The snapshots of one machine together. */
  record Group(
      @Doc("The machine.") String resourceId,
      @Doc("Kind of the machine: sandbox.") String resourceType,
      @Doc("What it is called now.") String name,
      @Doc("How many snapshots it has.") long count,
      @Doc("When the newest was taken.") Instant latestAt,
      @Doc("Bytes on disk of all of them, what they share counted for each.") long sizeBytes) {}

  /** A page of groups. */
  record Groups(@Doc("Groups.") List<Group> data, @Doc("Where the page stands.") Meta meta) {}

  /** What still needs a snapshot. */
  record Dependent(@Doc("Kind: named_snapshot.") String type, @Doc("Its name.") String name) {}

  /** A snapshot and what needs it. */
  record One(
      @Doc("The snapshot.") SnapshotView data,
      @Doc("What still needs it.") List<Dependent> dependents) {}

  /** What to delete. */
  record DeleteMany(
      @Doc("Ids of snapshots.") @Nullable List<String> ids,
      @Doc("The machine whose snapshots are deleted.") @Nullable String resourceId,
      @Doc("Must be true with resource_id.") @Nullable Boolean all,
      @Doc("Must be the same as resource_id.") @Nullable String confirm) {}

  /** One that stays. */
  record Blocked(@Doc("Its id.") String id, @Doc("Why: the code of an error.") String reason) {}

  /** What became of each. */
  record Deleted(
      @Doc("Ids of those that are deleted.") List<String> deleted,
      @Doc("Those that are not.") List<Blocked> blocked) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        filtered(
                Operation.get("/snapshots"),
                "list",
                "Lists snapshots that no name pins, newest first.")
            .query("resource_id", "Only those of this machine.")
            .query("cursor", "Where the page begins: next_cursor of the page before.")
            .response(History.class, Envelope.FLAT)
            .handle(this::list),
        filtered(
                Operation.get("/snapshots/groups"),
                "groups",
                "Lists the machines that have snapshots.")
            .response(Groups.class, Envelope.FLAT)
            .handle(this::groups),
        read(Operation.get("/snapshots/:id"), "get", "Shows a snapshot and what depends on it.")
            .errors(ErrorCode.NOT_FOUND)
            .response(One.class, Envelope.FLAT)
            .handle(this::get),
        declare(Operation.delete("/snapshots/:id"), "delete", "Deletes a snapshot.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.SNAPSHOT_IN_USE)
            .response(SnapshotView.class, Envelope.DATA)
            .handle(call -> SnapshotView.of(snapshots.delete(call.principal(), call.path("id")))),
        declare(
                Operation.post("/snapshots/delete"),
                "delete_many",
                "Deletes several snapshots, or all of one machine; each is judged alone.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .request(DeleteMany.class)
            .response(Deleted.class, Envelope.FLAT)
            .handle(this::deleteMany),
        SandboxSnapshotsApi.forking(
                declare(
                    Operation.post("/snapshots/:id/fork"),
                    "fork",
                    "Creates a sandbox that begins with a snapshot."),
                forks)
            .handle((call, body) ->
                SandboxSnapshotsApi.fork(call, call.path("id"), body, forks, snapshots)),
        read(
                Operation.get("/admin/snapshots"),
                "admin_list",
                "Lists all snapshots, named ones too.")
            .priority("P3")
            .list(SnapshotView.class)
            .handle(this::everything),
        read(Operation.get("/admin/snapshots/:snapshot_id"), "admin_get", "Shows a snapshot.")
            .priority("P3")
            .errors(ErrorCode.NOT_FOUND)
            .response(SnapshotView.class, Envelope.FLAT_MIRROR)
            .handle(this::adminGet));
  }

  static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("snapshots." + name).summary(summary).priority("P2");
  }

  static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return declare(operation, name, summary).scope("sandboxes:read");
  }

  private static OperationBuilder<NoBody, NoBody> filtered(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return read(operation, name, summary)
        .query("workspace_id", "Only those of this workspace.")
        .query("external_workspace_id", "Only those with this attribution.")
        .query("external_user_id", "Only those with this attribution.")
        .query("external_project_id", "Only those with this attribution.")
        .query("q", "Only those with this in the name or id of the machine, or in their id.")
        .query("limit", "integer", "How many at most: 50, up to 200.")
        .query("offset", "integer", "How many to skip.");
  }

  private static Paging paging(Call call, @Nullable String after) {
    int limit = USUAL;
    for (String name : List.of("page_size", "per_page", "limit")) {
      limit = Math.min(call.queryInt(name, 1, Integer.MAX_VALUE).orElse(limit), MOST);
    }
    int page = call.queryInt("page", 1, 1_000_000).orElse(1);
    int offset = call.queryInt("offset", 0, 1_000_000_000).orElse((page - 1) * limit);
    return new Paging(limit, offset, after);
  }

  private Condition matching(Tx tx, Call call) {
    Condition where = DSL.condition("p.name is null").and(identity.filter(tx, call, "n"));
    String resource = call.query("resource_id");
    if (resource != null && !resource.isEmpty()) {
      where = where.and(DSL.condition("n.sandbox_id = ?", resource));
    }
    String q = call.query("q");
    if (q != null && !q.isEmpty()) {
      where =
          where.and(
              DSL.condition(
                  """
                  (position(lower(?) in lower(s.name)) > 0 or position(? in s.id) > 0
                    or position(? in n.id) > 0)\
                  """,
                  q,
                  q,
                  q));
    }
    return where;
  }

  private History list(Call call) {
    Paging paging = paging(call, call.cursor(Snapshot.PREFIX));
    Page<Snapshot> page =
        store.transaction(call.principal(), tx -> table.page(tx, matching(tx, call), paging));
    return new History(
        page.items().stream().map(SnapshotView::of).toList(),
        new Meta(page.total(), paging.limit(), paging.offset(), page.next() != null),
        page.nextCursor());
  }

  private Groups groups(Call call) {
    call.refuseCursor();
    Paging paging = paging(call, null);
    List<Group> oneMore = new ArrayList<>();
    long total =
        store.transaction(
            call.principal(),
            tx -> {
              Condition where = matching(tx, call);
              oneMore.addAll(groups(tx, where, paging));
              return tx.sql()
                  .fetchSingle(
                      """
                      select count(distinct n.sandbox_id)
                      from snapshots n join snapshot_sources s on s.id = n.sandbox_id
                        left join named_snapshots p on p.snapshot_id = n.id
                      where \
                      """
                          + SnapshotStore.SEEN
                          + " and {0}",
                      where)
                  .get(0, Long.class);
            });
    boolean more = oneMore.size() > paging.limit();
    return new Groups(
        more ? List.copyOf(oneMore.subList(0, paging.limit())) : oneMore,
        new Meta(total, paging.limit(), paging.offset(), more));
  }

  private static List<Group> groups(Tx tx, Condition where, Paging paging) {
    return tx.sql()
        .fetch(
            """
            select n.sandbox_id, s.name, count(*) as n, max(n.created_at) as latest,
              cast(coalesce(sum(n.size_bytes), 0) as bigint) as bytes
            from snapshots n join snapshot_sources s on s.id = n.sandbox_id
              left join named_snapshots p on p.snapshot_id = n.id
            where \
            """
                + SnapshotStore.SEEN
                + " and {0}"
                + """
                 group by n.sandbox_id, s.name
                order by latest desc, n.sandbox_id limit {1} offset {2}\
                """,
            where,
            DSL.val(paging.limit() + 1),
            DSL.val(paging.offset()))
        .map(row ->
            new Group(
                row.get("sandbox_id", String.class),
                "sandbox",
                row.get("name", String.class),
                row.get("n", Long.class),
                row.get("latest", OffsetDateTime.class).toInstant(),
                row.get("bytes", Long.class)));
  }

  private One get(Call call) {
    Snapshot snapshot = snapshots.require(call.principal(), call.path("id"));
    String name = snapshot.name();
    List<Dependent> dependents =
        name == null ? List.of() : List.of(new Dependent("named_snapshot", name));
    return new One(SnapshotView.of(snapshot), dependents);
  }

  private Deleted deleteMany(Call call, DeleteMany body) {
    List<String> deleted = new ArrayList<>();
    List<Blocked> blocked = new ArrayList<>();
    for (String id : wanted(call, body)) {
      try {
        deleted.add(snapshots.delete(call.principal(), id).id());
      } catch (AtollException refused) {
        blocked.add(new Blocked(id, refused.code().code()));
      }
    }
    return new Deleted(deleted, blocked);
  }

  private Set<String> wanted(Call call, DeleteMany body) {
    List<String> ids = body.ids();
    String resource = body.resourceId();
    if ((ids == null) == (resource == null)) {
      throw AtollException.invalid("ids", "or resource_id is required, and not both");
    }
    if (ids != null) {
      if (ids.isEmpty() || ids.size() > MOST_IDS || ids.stream().anyMatch(id -> id == null)) {
        throw AtollException.invalid("ids", "must be 1 to " + MOST_IDS + " ids");
      }
      return new LinkedHashSet<>(ids);
    }
    if (!Boolean.TRUE.equals(body.all())) {
      throw AtollException.invalid("all", "must be true to delete all snapshots of a machine");
    }
    if (!String.valueOf(resource).equals(body.confirm())) {
      throw AtollException.invalid("confirm", "must be the same as resource_id");
    }
    Sandbox sandbox = forks.stored(call.principal(), String.valueOf(resource));
    return new LinkedHashSet<>(
        store.transaction(call.principal(), tx -> table.of(tx, sandbox.id())));
  }

  private Page<SnapshotView> everything(Call call) {
    call.principal().requireManager("the list of all snapshots");
    return store
        .transaction(
            call.principal(),
            tx -> table.page(tx, identity.filter(tx, call, "n"), call.paging(Snapshot.PREFIX)))
        .map(SnapshotView::of);
  }

  private SnapshotView adminGet(Call call) {
    call.principal().requireManager("the list of all snapshots");
    return SnapshotView.of(snapshots.require(call.principal(), call.path("snapshot_id")));
  }
}

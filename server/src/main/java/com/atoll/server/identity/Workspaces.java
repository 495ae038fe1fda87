package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Event;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The workspaces and projects of an organization, as the API manages them. */
final class Workspaces {
  private static final int MOST_ROUNDS = 100;

  private final Store store;
  private final InnerCalls inner;
  private final List<WorkspaceEnd> ends = new CopyOnWriteArrayList<>();

  Workspaces(Store store, InnerCalls inner) {
    this.store = store;
    this.inner = inner;
  }

  void onEnd(WorkspaceEnd end) {
    ends.add(end);
  }

  Page<WorkspaceView> list(Call call) {
    Paging paging = call.paging();
    String workspace = call.query("external_workspace_id");
    String user = call.query("external_user_id");
    String which =
        " where (cast(? as text) is null or external_workspace_id = ?)"
            + " and (cast(? as text) is null or external_user_id = ?)";
    return store.transaction(
        call.principal(),
        tx -> {
          long total =
              tx.sql()
                  .fetchSingle(
                      "select count(*) from workspaces" + which, workspace, workspace, user, user)
                  .get(0, Long.class);
          List<WorkspaceView> rows =
              tx.sql()
                  .fetch(
                      "select "
                          + WorkspaceView.COLUMNS
                          + " from workspaces"
                          + which
                          + " and (cast(? as text) is null or id < ?)"
                          + " order by id desc limit ? offset ?",
                      workspace,
                      workspace,
                      user,
                      user,
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(WorkspaceView::of);
          return Page.of(rows, paging, total, WorkspaceView::id);
        });
  }

  WorkspaceStats stats(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String id = row(tx, call.path("id"), false).get("id", String.class);
          return new WorkspaceStats(
              id,
              count(tx, "projects", id),
              count(tx, "workspace_members", id),
              Holdings.ofWorkspace(tx, id));
        });
  }

  private static int count(Tx tx, String table, String workspace) {
    return tx.sql()
        .fetchSingle("select count(*) from " + table + " where workspace_id = ?", workspace)
        .get(0, Integer.class);
  }

  WorkspaceView get(Call call) {
    return store.transaction(
        call.principal(), tx -> WorkspaceView.of(row(tx, call.path("id"), false)));
  }

  WorkspaceView create(Call call, NewWorkspace asked) {
    try {
      return store.transaction(
          call.principal(),
          tx -> {
            // Two creates of the same name wait for each other here, so only one of them finds it
            // free.
            tx.sql().execute("select 1 from organizations for update");
            WorkspaceView known = known(tx, asked.externalWorkspaceId());
            if (known != null) {
              call.setStatus(200);
              call.idempotentAnswer(tx, known, known.id());
              return known;
            }
            boolean exists =
                tx.sql()
                        .fetchOne(
                            "select 1 from workspaces where name = ? limit 1", asked.name().strip())
                    != null;
            if (exists && !Boolean.TRUE.equals(asked.allowDuplicateName())) {
              throw AtollException.of(ErrorCode.WORKSPACE_NAME_EXISTS, asked.name());
            }
            String id = Directory.createWorkspace(tx, asked);
            tell(tx, "workspace.created", id, 1, Map.of("name", asked.name()));
            WorkspaceView view = WorkspaceView.of(row(tx, id, false));
            call.idempotentAnswer(tx, view, id);
            return view;
          });
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "workspaces_org_slug_key")) {
        throw AtollException.of(ErrorCode.SLUG_TAKEN, String.valueOf(asked.slug()));
      }
      throw e;
    }
  }

  /**
   * The workspace that has this id of the customer's, which a create finds instead of making it.
   */
  private static @Nullable WorkspaceView known(Tx tx, @Nullable String external) {
    Record row =
        external == null || external.isBlank()
            ? null
            : tx.sql()
                .fetchOne(
                    "select "
                        + WorkspaceView.COLUMNS
                        + " from workspaces where external_workspace_id = ? order by id limit 1",
                    external);
    return row == null ? null : WorkspaceView.of(row).asReused();
  }

  private static void tell(Tx tx, String what, String id, long version, Map<String, ?> data) {
    tx.event(Owned.WORKSPACE.event(tx, id, what, "workspace", id, version, data));
  }

  WorkspaceView update(Call call, WorkspaceChange change) {
    return store.transaction(
        call.principal(),
        tx -> {
          String id = row(tx, call.path("id"), true).get("id", String.class);
          Map<String, String> metadata = change.metadata();
          Record changed =
              tx.sql()
                  .fetchSingle(
                      """
                      update workspaces set name = coalesce(?, name),
                        description = coalesce(?, description),
                        metadata = coalesce(cast(? as jsonb), metadata),
                        version = version + 1, updated_at = now() where id = ? returning version\
                      """,
                      change.name(),
                      change.description(),
                      metadata == null ? null : Json.MAPPER.writeValueAsString(metadata),
                      id);
          tell(tx, "workspace.updated", id, changed.get(0, Long.class), Map.of());
          return WorkspaceView.of(row(tx, id, false));
        });
  }

  void delete(Call call) {
    boolean force = call.queryFlag("force", false);
    boolean dry = call.queryFlag("dry_run", false);
    if (force) {
      String id = store.transaction(call.principal(), tx -> removable(tx, call, false));
      if (dry) {
        return;
      }
      empty(call, id);
    }
    store.execute(
        call.principal(),
        tx -> {
          String id = removable(tx, call, true);
          Map<String, Integer> owned = tx.ofWholeOrganization(() -> Holdings.ofWorkspace(tx, id));
          if (owned.values().stream().anyMatch(n -> n > 0)) {
            throw AtollException.of(ErrorCode.CONFLICT, "the workspace still owns resources")
                .detail("resources", owned);
          }
          if (dry) {
            return;
          }
          ends.forEach(end -> end.ends(tx, id));
          tell(tx, "workspace.deleted", id, Event.LAST, Map.of());
          tx.sql().execute("delete from workspaces where id = ?", id);
        });
  }

  private static String removable(Tx tx, Call call, boolean lock) {
    Record row = row(tx, call.path("id"), lock);
    if (row.get("is_default", Boolean.class)) {
      throw AtollException.of(ErrorCode.CONFLICT, "the default workspace stays");
    }
    return row.get("id", String.class);
  }

  /** Removes what a workspace owns, with the caller's rights, until nothing more can be removed. */
  private void empty(Call call, String id) {
    ObjectNode all = Json.MAPPER.createObjectNode().put("force", true);
    boolean more = true;
    for (int round = 0; more && round < MOST_ROUNDS; round++) {
      InnerCalls.Reply reply =
          inner.send(call, "POST", "/workspaces/" + id + "/cleanup", all, Map.of());
      if (!reply.ok()) {
        throw reply.refusal();
      }
      JsonNode done = reply.body().path("data");
      if (!done.path("failed").isEmpty()) {
        throw AtollException.of(ErrorCode.CONFLICT, "the workspace still owns resources")
            .detail("failed", done.path("failed"));
      }
      more = done.path("more").asBoolean(false);
    }
  }

  private static Record row(Tx tx, String reference, boolean lock) {
    Record row =
        tx.sql()
            .fetchOne(
                "select "
                    + WorkspaceView.COLUMNS
                    + " from workspaces where id = ? or slug = ? order by (id = ?) desc limit 1"
                    + (lock ? " for update" : ""),
                reference,
                reference,
                reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "workspace " + reference);
    }
    return row;
  }
}

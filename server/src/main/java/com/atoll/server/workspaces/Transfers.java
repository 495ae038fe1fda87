package com.atoll.server.workspaces;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Owner;
import com.atoll.server.identity.Ownership;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Event;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.usage.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;

/**
 * Moves resources to another workspace of the organization, all of them in one transaction. What
 * was used until then is written down before, for the workspace that they leave.
 */
final class Transfers {
  private static final int MOST = 500;

  private final Store store;
  private final Identity identity;
  private final Sandboxes sandboxes;
  private final Usage usage;

  Transfers(Store store, Identity identity, Sandboxes sandboxes, Usage usage) {
    this.store = store;
    this.identity = identity;
    this.sandboxes = sandboxes;
    this.usage = usage;
  }

  Views.Transferred run(Call call, Views.Transfer asked) {
    // Who may not see the workspace changes nothing, not even what is written down.
    store.execute(call.principal(), tx -> WorkspaceReference.require(tx, call.path("id")));
    usage.settle(call.principal().org());
    try {
      return store.transaction(call.principal(), tx -> run(tx, call, asked));
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "projects_workspace_id_slug_key")) {
        throw AtollException.of(ErrorCode.SLUG_TAKEN, "of a project");
      }
      if (SqlFaults.isDuplicate(e, "tool_servers_workspace_id_name_key")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, "of a tool server");
      }
      throw e;
    }
  }

  private Views.Transferred run(Tx tx, Call call, Views.Transfer asked) {
    String from = WorkspaceReference.require(tx, call.path("id"));
    Owner to =
        identity.resolve(
            tx,
            call,
            new Ownership(
                known(tx, asked.targetWorkspaceId()),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
    if (to.workspaceId().equals(from)) {
      throw AtollException.invalid("target_workspace_id", "must be another workspace");
    }
    Map<String, Kind> wanted = wanted(tx, asked.resourceIds());
    Map<String, Integer> counts = new LinkedHashMap<>();
    List<Views.Moved> moved = new ArrayList<>();
    wanted.forEach((id, kind) -> {
      moved.add(move(tx, kind, id, from, to, wanted));
      counts.merge(kind.wire(), 1, Integer::sum);
    });
    String torn = Rows.torn(tx, List.copyOf(wanted.keySet()));
    if (torn != null) {
      throw AtollException.of(ErrorCode.CONFLICT, torn);
    }
    Map<String, Object> told = new LinkedHashMap<>(counts);
    told.put("target_workspace_id", to.workspaceId());
    tell(tx, from, told);
    Views.Transferred view =
        new Views.Transferred(from, to.workspaceId(), counts, moved.size(), moved);
    call.idempotentAnswer(tx, view, from);
    return view;
  }

  /** A name that is not known makes no workspace here. */
  private static String known(Tx tx, String reference) {
    String id = WorkspaceReference.find(tx, reference);
    if (id == null) {
      throw AtollException.of(ErrorCode.WORKSPACE_NOT_FOUND, reference);
    }
    return id;
  }

  /** Projects first, then what they and sandboxes take along. */
  private static Map<String, Kind> wanted(Tx tx, List<String> ids) {
    Map<String, Kind> wanted = new LinkedHashMap<>();
    for (String id : ids) {
      if (Kind.PROJECTS.names(id)) {
        wanted.put(id, Kind.PROJECTS);
      }
    }
    for (String project : List.copyOf(wanted.keySet())) {
      for (Kind kind : Kind.values()) {
        if (kind.hasProject()) {
          Rows.below(tx, kind, "project_id", project).forEach(id -> wanted.put(id, kind));
        }
      }
    }
    for (String id : ids) {
      wanted.putIfAbsent(id, kind(id));
    }
    for (Map.Entry<String, Kind> entry : List.copyOf(wanted.entrySet())) {
      if (entry.getValue() == Kind.SANDBOXES) {
        Rows.below(tx, Kind.SNAPSHOTS, "sandbox_id", entry.getKey())
            .forEach(id -> wanted.put(id, Kind.SNAPSHOTS));
      }
    }
    if (wanted.size() > MOST) {
      throw AtollException.invalid(
          "resource_ids", "must be at most " + MOST + " with what they take along");
    }
    return wanted;
  }

  private static Kind kind(String id) {
    for (Kind kind : Kind.values()) {
      if (kind.names(id)) {
        return kind;
      }
    }
    throw AtollException.invalid("resource_ids", "holds " + id + ", which cannot be moved");
  }

  private Views.Moved move(
      Tx tx, Kind kind, String id, String from, Owner to, Map<String, Kind> wanted) {
    Record there =
        tx.sql()
            .fetchOne(
                "select *, "
                    + kind.label()
                    + " as label from "
                    + kind.table()
                    + " where id = ? and "
                    + kind.there()
                    + " for update",
                id);
    // The snapshots of a sandbox may have gone to another workspace before it.
    boolean taken =
        kind == Kind.SNAPSHOTS
            && there != null
            && wanted.containsKey(there.get("sandbox_id", String.class));
    if (there == null || (!taken && !from.equals(there.get("workspace_id", String.class)))) {
      throw AtollException.invalid(
          "resource_ids", "holds " + id + ", which is not of this workspace");
    }
    if (kind == Kind.PROJECTS && there.get("is_default", Boolean.class)) {
      throw AtollException.of(ErrorCode.CONFLICT, "the default project of a workspace stays");
    }
    String project = null;
    if (kind.hasProject()) {
      String own = there.get("project_id", String.class);
      project = wanted.containsKey(own) ? own : to.projectId();
    }
    if (project != null) {
      tx.sql().execute("update " + kind.table() + " set project_id = ? where id = ?", project, id);
    }
    Record changed =
        tx.sql()
            .fetchSingle(
                "update "
                    + kind.table()
                    + " set workspace_id = ?, version = version + 1"
                    + (kind.saysWhenChanged() ? ", updated_at = now()" : "")
                    + " where id = ? returning version, "
                    + kind.attribution(),
                to.workspaceId(),
                id);
    tx.event(
        new Event(
            kind.resourceType() + ".moved",
            kind.resourceType(),
            id,
            changed.get("version", Long.class),
            to.workspaceId(),
            kind == Kind.PROJECTS ? id : project,
            changed.get("external_workspace_id", String.class),
            changed.get("external_user_id", String.class),
            changed.get("external_project_id", String.class),
            Map.of("from_workspace_id", from, "workspace_id", to.workspaceId())));
    if (kind == Kind.SANDBOXES) {
      sandboxes.changed(tx, id);
    }
    return new Views.Moved(kind.wire(), id, there.get("label", String.class));
  }

  private static void tell(Tx tx, String workspace, Map<String, Object> data) {
    long version =
        tx.sql()
            .fetchSingle(
                """
                update workspaces set version = version + 1, updated_at = now() where id = ?
                returning version\
                """,
                workspace)
            .get(0, Long.class);
    tx.event(
        Owned.WORKSPACE.event(
            tx, workspace, "workspace.transferred", "workspace", workspace, version, data));
  }
}

package com.atoll.server.projects;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.ProjectId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.Holdings;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Owner;
import com.atoll.server.identity.Ownership;
import com.atoll.server.identity.Places;
import com.atoll.server.identity.Slugs;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Event;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The projects of an organization. */
final class Projects {
  private final Store store;
  private final Identity identity;

  Projects(Store store, Identity identity) {
    this.store = store;
    this.identity = identity;
  }

  Page<Views.ProjectView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          Condition which = filter(tx, call);
          Condition page =
              paging.after() == null ? which : which.and(DSL.condition("id < ?", paging.after()));
          List<Views.ProjectView> rows =
              tx.sql()
                  .fetch(
                      "select "
                          + Views.ProjectView.COLUMNS
                          + " from projects where {0} order by id desc limit {1} offset {2}",
                      page,
                      DSL.val(paging.limit() + 1),
                      DSL.val(paging.offset()))
                  .map(Views.ProjectView::of);
          long total = tx.sql().fetchCount(DSL.selectOne().from("projects").where(which));
          return Page.of(rows, paging, total, Views.ProjectView::id);
        });
  }

  private static Condition filter(Tx tx, Call call) {
    Condition all = DSL.noCondition();
    boolean below = call.hasPath("workspace_id");
    String workspace = below ? call.path("workspace_id") : call.query("workspace_id");
    if (workspace != null && !workspace.isEmpty()) {
      String found = WorkspaceReference.find(tx, workspace);
      if (below && found == null) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "workspace " + workspace);
      }
      all = all.and(DSL.condition("workspace_id = ?", found == null ? "" : found));
    }
    for (String column :
        List.of("external_workspace_id", "external_user_id", "external_project_id")) {
      String value = call.query(column);
      if (value != null && !value.isEmpty()) {
        all = all.and(DSL.field(DSL.name(column), String.class).eq(value));
      }
    }
    return all;
  }

  Views.ProjectView create(Call call, Views.NewProject asked) {
    return taken(
        asked.slug(),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  Owner owner = identity.resolve(tx, call, ownership(asked));
                  String id = insert(tx, asked, owner);
                  Views.ProjectView view = view(tx, id);
                  tell(tx, "project.created", view, 1);
                  call.idempotentAnswer(tx, view, id);
                  return view;
                }));
  }

  private static Ownership ownership(Views.NewProject asked) {
    return new Ownership(
        asked.workspaceId(),
        asked.workspaceSlug(),
        null,
        null,
        null,
        null,
        asked.externalWorkspaceId(),
        asked.externalUserId(),
        asked.externalProjectId());
  }

  private static String insert(Tx tx, Views.NewProject asked, Owner owner) {
    String id = ProjectId.next().value();
    String name = asked.name().strip();
    String slug = asked.slug();
    if (slug != null) {
      if (!insert(tx, asked, owner, id, slug)) {
        throw AtollException.of(ErrorCode.SLUG_TAKEN, slug);
      }
    } else if (!insert(tx, asked, owner, id, Slugs.of(name))) {
      insert(tx, asked, owner, id, Slugs.of(name) + "-" + Ids.random(4));
    }
    return id;
  }

  /** Whether the slug was free: one that the caller does not see may have it. */
  private static boolean insert(
      Tx tx, Views.NewProject asked, Owner owner, String id, String slug) {
    return tx.sql()
            .execute(
                """
                insert into projects (id, org, workspace_id, name, slug, description, metadata,
                  external_workspace_id, external_user_id, external_project_id)
                values (?, ?, ?, ?, ?, ?, cast(? as jsonb), ?, ?, ?)
                on conflict (workspace_id, slug) do nothing\
                """,
                id,
                tx.org().value(),
                owner.workspaceId(),
                asked.name().strip(),
                slug,
                asked.description(),
                Json.MAPPER.writeValueAsString(
                    asked.metadata() == null ? Map.of() : asked.metadata()),
                owner.externalWorkspaceId(),
                owner.externalUserId(),
                owner.externalProjectId())
        == 1;
  }

  Views.ProjectView get(Call call) {
    return store.transaction(call.principal(), tx -> view(tx, id(tx, call, false)));
  }

  Views.ProjectView update(Call call, Views.Change change) {
    Map<String, String> metadata = change.metadata();
    return taken(
        change.slug(),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  String id = id(tx, call, true);
                  tx.sql()
                      .execute(
                          """
                          update projects set name = coalesce(?, name), slug = coalesce(?, slug),
                            description = coalesce(?, description),
                            metadata = coalesce(cast(? as jsonb), metadata) where id = ?\
                          """,
                          change.name(),
                          change.slug(),
                          change.description(),
                          metadata == null ? null : Json.MAPPER.writeValueAsString(metadata),
                          id);
                  return changed(tx, id, "project.updated");
                }));
  }

  /** Moves a project that owns nothing: what it owned would stay where it was made. */
  Views.ProjectView move(Call call, Views.Move asked) {
    return taken(
        null,
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  String id = id(tx, call, true);
                  String target = WorkspaceReference.find(tx, asked.targetWorkspaceId());
                  if (target == null) {
                    throw AtollException.of(
                        ErrorCode.WORKSPACE_NOT_FOUND, asked.targetWorkspaceId());
                  }
                  Places.hold(tx, target, null);
                  requireMovable(tx, id);
                  tx.sql().execute("update projects set workspace_id = ? where id = ?", target, id);
                  return changed(tx, id, "project.moved");
                }));
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          String id = id(tx, call, true);
          Views.ProjectView view = view(tx, id);
          requireMovable(tx, id);
          tx.sql().execute("delete from projects where id = ?", id);
          tell(tx, "project.deleted", view, Event.LAST);
        });
  }

  private static void requireMovable(Tx tx, String id) {
    if (view(tx, id).isDefault()) {
      throw AtollException.of(ErrorCode.CONFLICT, "the default project of a workspace stays");
    }
    Map<String, Integer> owned = tx.ofWholeOrganization(() -> Holdings.ofProject(tx, id));
    if (owned.values().stream().anyMatch(n -> n > 0)) {
      throw AtollException.of(ErrorCode.CONFLICT, "the project still owns resources")
          .detail("resources", owned);
    }
  }

  Views.Summary summary(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String id = id(tx, call, false);
          Environments.ensure(tx, id);
          return new Views.Summary(
              view(tx, id),
              count(tx, "project_environments", id),
              count(tx, "project_variables", id),
              Holdings.ofProject(tx, id));
        });
  }

  private static int count(Tx tx, String table, String project) {
    return tx.sql()
        .fetchSingle("select count(*) from " + table + " where project_id = ?", project)
        .get(0, Integer.class);
  }

  /**
   * The id of the project that the path names by id or slug.
   *
   * @param lock whether it is to be changed: then it is locked, and the caller's own
   */
  static String id(Tx tx, Call call, boolean lock) {
    String reference = call.path("id");
    Record row =
        tx.sql()
            .fetchOne(
                "select id from projects where id = ? or slug = ? order by (id = ?) desc, id limit 1",
                reference,
                reference,
                reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "project " + reference);
    }
    String id = row.get(0, String.class);
    if (lock) {
      requireOwn(tx, call, id);
      if (tx.sql().fetchOne("select id from projects where id = ? for update", id) == null) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "project " + reference);
      }
    }
    return id;
  }

  /**
   * Projects without an end user are those of the organization: whoever is confined to one may
   * create in them, and neither changes them nor reads their variables and drains.
   */
  static void requireOwn(Tx tx, Call call, String id) {
    String user = call.principal().externalUser();
    if (user == null) {
      return;
    }
    boolean own =
        tx.sql().fetchOne("select 1 from projects where id = ? and external_user_id = ?", id, user)
            != null;
    if (!own) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the project is not the end user's own");
    }
  }

  private static Views.ProjectView changed(Tx tx, String id, String what) {
    long version =
        tx.sql()
            .fetchSingle(
                """
                update projects set version = version + 1, updated_at = now() where id = ?
                returning version\
                """,
                id)
            .get(0, Long.class);
    Views.ProjectView view = view(tx, id);
    tell(tx, what, view, version);
    return view;
  }

  static Views.ProjectView view(Tx tx, String id) {
    return Views.ProjectView.of(
        tx.sql()
            .fetchSingle(
                "select " + Views.ProjectView.COLUMNS + " from projects where id = ?", id));
  }

  private static void tell(Tx tx, String what, Views.ProjectView view, long version) {
    tx.event(
        new Event(
            what,
            "project",
            view.id(),
            version,
            view.workspaceId(),
            view.id(),
            view.externalWorkspaceId(),
            view.externalUserId(),
            view.externalProjectId(),
            Map.of("name", view.name())));
  }

  private static Views.ProjectView taken(
      @Nullable String slug, java.util.function.Supplier<Views.ProjectView> work) {
    try {
      return work.get();
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "projects_workspace_id_slug_key")) {
        throw AtollException.of(ErrorCode.SLUG_TAKEN, Objects.requireNonNullElse(slug, "of it"));
      }
      throw e;
    }
  }
}

package com.atoll.server.projects;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Slugs;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** The environments of a project. Each project has one that is meant when none is named. */
final class Environments {
  private static final int MOST = 100;

  private final Store store;
  private final Variables variables;

  Environments(Store store, Variables variables) {
    this.store = store;
    this.variables = variables;
  }

  Page<Views.EnvironmentView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, false);
          ensure(tx, project);
          return Page.whole(
              tx.sql()
                  .fetch(
                      """
                      select * from project_environments where project_id = ?
                      order by is_default desc, created_at, id\
                      """,
                      project)
                  .map(Views.EnvironmentView::of));
        });
  }

  Views.EnvironmentView create(Call call, Views.NewEnvironment asked) {
    return named(
        asked.name(),
        tx -> {
          String project = Projects.id(tx, call, true);
          ensure(tx, project);
          Views.EnvironmentView view =
              insert(
                  tx,
                  project,
                  asked.name(),
                  asked.slug(),
                  asked.kind() == null ? "development" : asked.kind());
          call.idempotentAnswer(tx, view, view.id());
          return view;
        },
        call);
  }

  Views.EnvironmentView update(Call call, Views.EnvironmentChange change) {
    return named(
        String.valueOf(change.slug()),
        tx -> {
          String project = Projects.id(tx, call, true);
          String id = row(tx, project, call.path("environment_id")).get("id", String.class);
          tx.sql()
              .execute(
                  """
                  update project_environments set name = coalesce(?, name), slug = coalesce(?, slug),
                    updated_at = now() where id = ?\
                  """,
                  change.name(),
                  change.slug(),
                  id);
          tell(tx, "environment.updated", project, id);
          return view(tx, id);
        },
        call);
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, true);
          Record row = row(tx, project, call.path("environment_id"));
          if (row.get("is_default", Boolean.class)) {
            throw AtollException.of(ErrorCode.CONFLICT, "the default environment stays");
          }
          String id = row.get("id", String.class);
          tx.sql().execute("delete from project_environments where id = ?", id);
          tell(tx, "environment.deleted", project, id);
        });
  }

  Views.EnvironmentView duplicate(Call call, Views.Duplicate asked) {
    return named(
        asked.name(),
        tx -> {
          String project = Projects.id(tx, call, true);
          Record from = row(tx, project, call.path("environment_id"));
          Views.EnvironmentView view =
              insert(tx, project, asked.name(), null, from.get("kind", String.class));
          variables.copy(tx, project, from.get("id", String.class), view.id());
          call.idempotentAnswer(tx, view, view.id());
          return view;
        },
        call);
  }

  Views.Synced sync(Call call, Views.Sync asked) {
    return store.transaction(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, true);
          ensure(tx, project);
          String to = row(tx, project, call.path("environment_id")).get("id", String.class);
          String from = row(tx, project, asked.fromEnvironmentId()).get("id", String.class);
          boolean apply = Boolean.TRUE.equals(asked.apply());
          Views.Synced view = variables.sync(tx, project, from, to, apply);
          if (apply) {
            tell(tx, "environment.synced", project, to);
          }
          return view;
        });
  }

  static Views.EnvironmentView insert(
      Tx tx, String project, String name, @Nullable String slug, String kind) {
    int count =
        tx.sql()
            .fetchSingle("select count(*) from project_environments where project_id = ?", project)
            .get(0, Integer.class);
    if (count >= MOST) {
      throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " environments of a project");
    }
    String id = Ids.next("env");
    tx.sql()
        .execute(
            """
            insert into project_environments (id, org, project_id, name, slug, kind)
            values (?, ?, ?, ?, ?, ?)\
            """,
            id,
            tx.org().value(),
            project,
            name,
            slug == null ? Slugs.of(name) : slug,
            kind);
    tell(tx, "environment.created", project, id);
    return view(tx, id);
  }

  /** Makes the environment that every project has, when it has none yet. */
  static void ensure(Tx tx, String project) {
    tx.sql()
        .execute(
            """
            insert into project_environments (id, org, project_id, name, slug, kind, is_default)
            select ?, ?, ?, 'Production', 'production', 'production', true
            where not exists (select from project_environments where project_id = ? and is_default)
            on conflict do nothing\
            """,
            Ids.next("env"),
            tx.org().value(),
            project,
            project);
  }

  /** An environment by id or slug; the default one when none is named. */
  static Record row(Tx tx, String project, @Nullable String reference) {
    String asked = reference == null || reference.isEmpty() ? null : reference;
    Record row =
        tx.sql()
            .fetchOne(
                """
                select * from project_environments where project_id = ?
                  and case when cast(? as text) is null then is_default else id = ? or slug = ? end
                order by (id = ?) desc limit 1\
                """,
                project,
                asked,
                asked,
                asked,
                asked);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "environment " + asked);
    }
    return row;
  }

  private static Views.EnvironmentView view(Tx tx, String id) {
    return Views.EnvironmentView.of(
        tx.sql().fetchSingle("select * from project_environments where id = ?", id));
  }

  private static void tell(Tx tx, String what, String project, String id) {
    tx.event(
        Owned.PROJECT.event(
            tx, project, what, "environment", id, System.currentTimeMillis(), Map.of()));
  }

  private Views.EnvironmentView named(
      String name, Store.Work<Views.EnvironmentView> work, Call call) {
    try {
      return store.transaction(call.principal(), work);
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "project_environments_project_id_slug_key")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, name);
      }
      throw e;
    }
  }
}

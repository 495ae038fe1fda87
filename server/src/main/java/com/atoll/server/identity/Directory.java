package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.ProjectId;
import com.atoll.model.WorkspaceId;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Finds and makes workspaces and projects. */
final class Directory implements Identity {
  private static final int LONGEST = 255;
  private static final List<String> FILTERS =
      List.of(
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id");

  /** A workspace or a project. */
  private record Place(String id, String slug, String name) {}

  @Override
  public Owner resolve(Tx tx, Call call, Ownership wish) {
    String only = call.principal().workspace();
    Place workspace = only == null ? made(tx, call, wish) : confined(tx, wish, only);
    String confined = call.principal().externalUser();
    Place project = project(tx, wish, workspace, confined);
    if (confined != null
        && wish.externalUserId() != null
        && !confined.equals(wish.externalUserId())) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key acts for another external user");
    }
    Places.hold(tx, workspace.id(), project.id());
    return new Owner(
        tx.org().value(),
        workspace.id(),
        workspace.slug(),
        workspace.name(),
        project.id(),
        project.slug(),
        project.name(),
        wish.externalWorkspaceId(),
        confined != null ? confined : wish.externalUserId(),
        wish.externalProjectId());
  }

  @Override
  public Condition filter(Tx tx, Call call, String alias) {
    Map<String, String> wanted = new HashMap<>();
    for (String name : FILTERS) {
      String value = call.query(name);
      if (value != null && !value.isEmpty()) {
        wanted.put(name, value);
      }
    }
    if (call.hasPath("workspace_id")) {
      String workspace = call.path("workspace_id");
      Place found = find(tx, "workspaces", workspace, null);
      String only = call.principal().workspace();
      if (found == null || (only != null && !only.equals(found.id()))) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "workspace " + workspace);
      }
      wanted.put("workspace_id", workspace);
    }
    return filter(tx, wanted, alias);
  }

  @Override
  public Condition filter(Tx tx, Map<String, String> wanted, String alias) {
    List<Condition> conditions = new ArrayList<>();
    for (String name : FILTERS) {
      String value = wanted.get(name);
      if (value != null) {
        conditions.add(
            switch (name) {
              case "workspace_id" -> equal(alias, name, placed(tx, "workspaces", value));
              case "project_id" -> equal(alias, name, placed(tx, "projects", value));
              default -> equal(alias, name, value);
            });
      }
    }
    return DSL.and(conditions);
  }

  /** The id of what is named; nothing has the empty one. */
  private static String placed(Tx tx, String table, String asked) {
    Place found = find(tx, table, asked, null);
    return found == null ? "" : found.id();
  }

  @Override
  public String slug(Tx tx) {
    return tx.sql()
        .fetchSingle("select slug from organizations where org = ?", tx.org().value())
        .get(0, String.class);
  }

  private static Condition equal(String alias, String column, String value) {
    return DSL.field(DSL.name(alias, column), String.class).eq(value);
  }

  /** The workspace of a credential that reaches only one. */
  private static Place confined(Tx tx, Ownership wish, String only) {
    String asked = first(first(wish.workspaceId(), wish.workspaceSlug()), wish.workspaceName());
    Place found = find(tx, "workspaces", asked == null ? only : asked, null);
    if (found == null || !found.id().equals(only)) {
      throw AtollException.of(ErrorCode.WORKSPACE_FORBIDDEN, asked == null ? only : asked);
    }
    return found;
  }

  @Override
  public @Nullable String workspace(Tx tx, Call call, Ownership wish) {
    String only = call.principal().workspace();
    Place there = only == null ? there(tx, call, wish) : null;
    return there == null ? only : there.id();
  }

  private static Place made(Tx tx, Call call, Ownership wish) {
    Place there = there(tx, call, wish);
    if (there != null) {
      return there;
    }
    String asked = first(wish.workspaceId(), wish.workspaceSlug());
    String name = wish.workspaceName();
    if (asked != null || name == null || name.isBlank()) {
      String header = call.header("X-MIOSA-Workspace");
      return required(null, ErrorCode.WORKSPACE_NOT_FOUND, String.valueOf(first(asked, header)));
    }
    if (call.principal().externalUser() != null) {
      // Workspaces are made for the whole organization.
      throw AtollException.of(ErrorCode.WORKSPACE_NOT_FOUND, name);
    }
    return createWorkspace(tx, name, false);
  }

  /** The workspace that is meant, if there is one. */
  private static @Nullable Place there(Tx tx, Call call, Ownership wish) {
    String asked = first(wish.workspaceId(), wish.workspaceSlug());
    if (asked != null) {
      return find(tx, "workspaces", asked, null);
    }
    String name = wish.workspaceName();
    if (name != null && !name.isBlank()) {
      return find(tx, "workspaces", name, null);
    }
    String header = call.header("X-MIOSA-Workspace");
    if (header != null && !header.isBlank() && header.length() <= LONGEST) {
      return find(tx, "workspaces", header, null);
    }
    Place ofProject = ofProject(tx, wish.projectId());
    return ofProject != null
        ? ofProject
        : defaultOf(tx, "workspaces", "is_default", tx.org().value(), "org");
  }

  /** The id of a project says its workspace too; a slug or a name is one of the default one. */
  private static @Nullable Place ofProject(Tx tx, @Nullable String project) {
    if (project == null || !Ids.is(ProjectId.PREFIX, project)) {
      return null;
    }
    Record row =
        tx.sql()
            .fetchOne(
                """
                select w.id, w.slug, w.name from workspaces w
                  join projects p on p.workspace_id = w.id where p.id = ?\
                """,
                project);
    return row == null ? null : place(row);
  }

  private Place project(Tx tx, Ownership wish, Place workspace, @Nullable String confined) {
    String asked = first(wish.projectId(), wish.projectSlug());
    if (asked != null) {
      return required(
          find(tx, "projects", asked, workspace.id()), ErrorCode.PROJECT_NOT_FOUND, asked);
    }
    String name = wish.projectName();
    if (name != null && !name.isBlank()) {
      Place found = find(tx, "projects", name, workspace.id());
      return found != null ? found : createProject(tx, name, workspace.id(), false, confined);
    }
    return defaultOf(tx, "projects", "is_default", workspace.id(), "workspace_id");
  }

  private static Place required(@Nullable Place found, ErrorCode code, String asked) {
    if (found == null) {
      throw AtollException.of(code, asked.length() > 80 ? asked.substring(0, 80) : asked);
    }
    return found;
  }

  private static @Nullable Place find(
      Tx tx, String table, String asked, @Nullable String workspace) {
    String inside = workspace == null ? "" : " and workspace_id = ?";
    List<Object> values = new ArrayList<>(List.of(asked, asked, asked));
    if (workspace != null) {
      values.add(workspace);
    }
    values.add(asked);
    values.add(asked);
    Record row =
        tx.sql()
            .fetchOne(
                "select id, slug, name from "
                    + table
                    + " where (id = ? or slug = ? or name = ?)"
                    + inside
                    + " order by (id = ?) desc, (slug = ?) desc, id limit 1",
                values.toArray());
    return row == null ? null : place(row);
  }

  private static Place defaultOf(Tx tx, String table, String flag, String value, String column) {
    return place(
        tx.sql()
            .fetchSingle(
                "select id, slug, name from "
                    + table
                    + " where "
                    + flag
                    + " and "
                    + column
                    + " = ?",
                value));
  }

  static String createDefaults(Tx tx) {
    return createWorkspace(tx, "Default", true).id();
  }

  private static Place createWorkspace(Tx tx, String name, boolean isDefault) {
    String shown = bounded("workspace_name", name);
    Place made = new Place(WorkspaceId.next().value(), freeSlug(tx, shown), shown);
    tx.sql()
        .execute(
            "insert into workspaces (id, org, name, slug, is_default) values (?, ?, ?, ?, ?)",
            made.id(),
            tx.org().value(),
            made.name(),
            made.slug(),
            isDefault);
    createProject(tx, "Default", made.id(), true, null);
    return made;
  }

  static String createWorkspace(Tx tx, NewWorkspace asked) {
    String name = bounded("name", asked.name());
    String wished = asked.slug();
    String slug = wished == null ? freeSlug(tx, name) : Slugs.checked("slug", wished);
    String id = WorkspaceId.next().value();
    tx.sql()
        .execute(
            """
            insert into workspaces (id, org, name, slug, description, metadata, external_workspace_id,
              external_user_id)
            values (?, ?, ?, ?, ?, cast(? as jsonb), ?, ?)\
            """,
            id,
            tx.org().value(),
            name,
            slug,
            asked.description(),
            Json.MAPPER.writeValueAsString(asked.metadata() == null ? Map.of() : asked.metadata()),
            asked.externalWorkspaceId(),
            asked.externalUserId());
    createProject(tx, "Default", id, true, null);
    return id;
  }

  private static Place createProject(
      Tx tx, String name, String workspace, boolean isDefault, @Nullable String externalUser) {
    String shown = bounded("project_name", name);
    Place made = new Place(ProjectId.next().value(), Slugs.of(shown) + suffix(isDefault), shown);
    tx.sql()
        .execute(
            """
            insert into projects (id, org, workspace_id, name, slug, is_default, external_user_id)
            values (?, ?, ?, ?, ?, ?, ?)\
            """,
            made.id(),
            tx.org().value(),
            workspace,
            made.name(),
            made.slug(),
            isDefault,
            externalUser);
    return made;
  }

  private static String suffix(boolean isDefault) {
    return isDefault ? "" : "-" + Ids.random(4);
  }

  private static String freeSlug(Tx tx, String name) {
    String slug = Slugs.of(name);
    boolean taken =
        tx.sql()
                .fetchOne(
                    "select 1 from workspaces where org = ? and slug = ?", tx.org().value(), slug)
            != null;
    return taken ? slug + "-" + Ids.random(6) : slug;
  }

  private static String bounded(String field, String name) {
    if (name.isBlank() || name.length() > LONGEST) {
      throw AtollException.invalid(field, "must be 1 to " + LONGEST + " characters long");
    }
    return name.strip();
  }

  private static @Nullable String first(@Nullable String one, @Nullable String other) {
    return one != null && !one.isEmpty() ? one : other != null && !other.isEmpty() ? other : null;
  }

  private static Place place(Record row) {
    return new Place(
        row.get("id", String.class), row.get("slug", String.class), row.get("name", String.class));
  }
}

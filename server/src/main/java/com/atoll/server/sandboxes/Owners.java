package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Finds the workspace and the project that a new sandbox belongs to. */
final class Owners {
  private static final long FRESH = Duration.ofSeconds(10).toNanos();

  private final Store store;
  private final Map<String, Known> usual = new ConcurrentHashMap<>();

  private record Known(Sandbox.Owner owner, long at) {}

  Owners(Store store) {
    this.store = store;
  }

  Sandbox.Owner of(Principal principal, CreateSandbox asked) {
    boolean named =
        asked.workspaceId() != null
            || asked.workspaceSlug() != null
            || asked.workspaceName() != null
            || asked.projectId() != null
            || asked.projectSlug() != null
            || asked.projectName() != null;
    Sandbox.Owner owner =
        named ? store.transaction(principal, tx -> find(tx, asked)) : usual(principal);
    return new Sandbox.Owner(
        principal.key().value(),
        owner.workspaceId(),
        owner.workspaceSlug(),
        owner.workspaceName(),
        owner.projectId(),
        owner.projectSlug(),
        owner.projectName(),
        external("external_workspace_id", asked.externalWorkspaceId()),
        user(principal, external("external_user_id", asked.externalUserId())),
        external("external_project_id", asked.externalProjectId()));
  }

  /** The owner of a fork: that of its source, made by this principal. */
  static Sandbox.Owner forked(
      Sandbox.Owner source, Principal principal, @Nullable String externalUserId) {
    String asked = external("external_user_id", externalUserId);
    return new Sandbox.Owner(
        principal.key().value(),
        source.workspaceId(),
        source.workspaceSlug(),
        source.workspaceName(),
        source.projectId(),
        source.projectSlug(),
        source.projectName(),
        source.externalWorkspaceId(),
        user(principal, asked == null ? source.externalUserId() : asked),
        source.externalProjectId());
  }

  private Sandbox.Owner usual(Principal principal) {
    String org = principal.org().value();
    Known known = usual.get(org);
    if (known != null && System.nanoTime() - known.at < FRESH) {
      return known.owner;
    }
    Sandbox.Owner found =
        store.transaction(principal.org(), tx -> inWorkspace(tx, workspace(tx, "w.is_default")));
    usual.put(org, new Known(found, System.nanoTime()));
    return found;
  }

  private static Sandbox.Owner find(Tx tx, CreateSandbox asked) {
    @Nullable Record workspace = null;
    if (asked.workspaceId() != null) {
      workspace = workspace(tx, "w.id = ?", asked.workspaceId());
    } else if (asked.workspaceSlug() != null) {
      workspace = workspace(tx, "w.slug = ?", asked.workspaceSlug());
    } else if (asked.workspaceName() != null) {
      workspace = workspace(tx, "w.name = ?", asked.workspaceName());
    }
    if (asked.projectId() != null) {
      return project(tx, workspace, "p.id = ?", asked.projectId());
    }
    if (asked.projectSlug() != null) {
      return project(tx, workspace, "p.slug = ?", asked.projectSlug());
    }
    if (asked.projectName() != null) {
      return project(tx, workspace, "p.name = ?", asked.projectName());
    }
    return inWorkspace(tx, workspace == null ? workspace(tx, "w.is_default") : workspace);
  }

  private static Record workspace(Tx tx, String condition, Object... arguments) {
    Record row =
        tx.sql()
            .fetchOne(
                "select w.id, w.slug, w.name from workspaces w where "
                    + condition
                    + " order by w.id limit 1",
                arguments);
    if (row == null) {
      throw AtollException.of(
          ErrorCode.WORKSPACE_NOT_FOUND, arguments.length == 0 ? "default" : arguments[0]);
    }
    return row;
  }

  private static Sandbox.Owner inWorkspace(Tx tx, Record workspace) {
    return project(tx, workspace, "(p.is_default or ? = '')", "");
  }

  private static Sandbox.Owner project(
      Tx tx, @Nullable Record workspace, String condition, String argument) {
    String in = workspace == null ? null : workspace.get("id", String.class);
    Record row =
        tx.sql()
            .fetchOne(
                """
                select w.id as workspace_id, w.slug as workspace_slug, w.name as workspace_name,
                  p.id as project_id, p.slug as project_slug, p.name as project_name
                from projects p join workspaces w on w.id = p.workspace_id
                where (?::text is null or p.workspace_id = ?) and\
                """
                    + " "
                    + condition
                    + " order by p.is_default desc, p.id limit 1",
                in,
                in,
                argument);
    if (row == null) {
      throw AtollException.of(
          ErrorCode.PROJECT_NOT_FOUND, argument.isEmpty() ? "in the workspace" : argument);
    }
    return new Sandbox.Owner(
        "",
        row.get("workspace_id", String.class),
        row.get("workspace_slug", String.class),
        row.get("workspace_name", String.class),
        row.get("project_id", String.class),
        row.get("project_slug", String.class),
        row.get("project_name", String.class),
        null,
        null,
        null);
  }

  private static @Nullable String user(Principal principal, @Nullable String asked) {
    String confined = principal.externalUser();
    if (confined != null && asked != null && !confined.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key acts for another external user");
    }
    return confined == null ? asked : confined;
  }

  private static @Nullable String external(String field, @Nullable String value) {
    if (value != null && (value.isEmpty() || value.length() > 256)) {
      throw AtollException.invalid(field, "must be 1 to 256 characters");
    }
    return value;
  }
}

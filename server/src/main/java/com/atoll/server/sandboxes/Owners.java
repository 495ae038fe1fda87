package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Owner;
import com.atoll.server.identity.Ownership;
import com.atoll.server.store.Store;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Finds whom a new sandbox belongs to; the usual answer is believed for a few seconds. */
final class Owners {
  private static final long FRESH = Duration.ofSeconds(5).toNanos();

  private final Store store;
  private final Identity identity;
  private final Map<String, Known> usual = new ConcurrentHashMap<>();

  private record Known(Owner owner, long at) {}

  Owners(Store store, Identity identity) {
    this.store = store;
    this.identity = identity;
  }

  Sandbox.Owner of(Call call, Ownership wish) {
    Principal principal = call.principal();
    Owner owner = isUsual(call, wish) ? usual(call) : resolve(call, wish);
    return new Sandbox.Owner(
        principal.key().value(),
        owner.workspaceId(),
        owner.workspaceSlug(),
        owner.workspaceName(),
        owner.projectId(),
        owner.projectSlug(),
        owner.projectName(),
        wish.externalWorkspaceId(),
        user(principal, wish.externalUserId()),
        wish.externalProjectId());
  }

  /** The owner of a sandbox, were it in this workspace and this project. */
  Sandbox.Owner in(Sandbox sandbox, String workspaceId, String projectId) {
    Sandbox.Owner owner = sandbox.owner();
    if (owner.workspaceId().equals(workspaceId) && owner.projectId().equals(projectId)) {
      return owner;
    }
    Record labels =
        store.find(
            sandbox.org(),
            tx ->
                tx.sql()
                    .fetchOne(
                        """
                        select w.slug, w.name, p.slug as project_slug, p.name as project_name
                        from workspaces w left join lateral project_labels(?) p on true where w.id = ?\
                        """,
                        projectId,
                        workspaceId));
    return new Sandbox.Owner(
        owner.keyId(),
        workspaceId,
        labels == null ? null : labels.get("slug", String.class),
        labels == null ? null : labels.get("name", String.class),
        projectId,
        labels == null ? null : labels.get("project_slug", String.class),
        labels == null ? null : labels.get("project_name", String.class),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId());
  }

  /** The owner of a fork: that of its source, made by this principal. */
  static Sandbox.Owner forked(
      Sandbox.Owner source, Principal principal, @Nullable String externalUserId) {
    return new Sandbox.Owner(
        principal.key().value(),
        source.workspaceId(),
        source.workspaceSlug(),
        source.workspaceName(),
        source.projectId(),
        source.projectSlug(),
        source.projectName(),
        source.externalWorkspaceId(),
        user(principal, externalUserId == null ? source.externalUserId() : externalUserId),
        source.externalProjectId());
  }

  private static boolean isUsual(Call call, Ownership wish) {
    return call.principal().workspace() == null
        && wish.workspaceId() == null
        && wish.workspaceSlug() == null
        && wish.workspaceName() == null
        && wish.projectId() == null
        && wish.projectSlug() == null
        && wish.projectName() == null
        && call.header("X-MIOSA-Workspace") == null;
  }

  private Owner usual(Call call) {
    String org = call.principal().org().value();
    Known known = usual.get(org);
    if (known != null && System.nanoTime() - known.at < FRESH) {
      return known.owner;
    }
    Owner found = resolve(call, Ownership.DEFAULT);
    usual.put(org, new Known(found, System.nanoTime()));
    return found;
  }

  private Owner resolve(Call call, Ownership wish) {
    return store.transaction(call.principal(), tx -> identity.resolve(tx, call, wish));
  }

  private static @Nullable String user(Principal principal, @Nullable String asked) {
    String confined = principal.externalUser();
    if (confined != null && asked != null && !confined.equals(asked)) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key acts for another external user");
    }
    return confined == null ? asked : confined;
  }
}

package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.model.SandboxId;
import com.atoll.server.identity.Places;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Tx;
import org.jspecify.annotations.Nullable;

/** Finds what a request wants something bound to, as far as its caller may see it. */
final class Bounds {
  private final Sandboxes sandboxes;

  Bounds(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /**
   * A resource of the caller's.
   *
   * @param externalUserId whom its sandbox is attributed to
   */
  record Resource(Bound bound, @Nullable String externalUserId) {}

  /** The resource of these two fields; the organization when both are missing. */
  Resource find(Principal principal, @Nullable String type, @Nullable String id) {
    return switch (kind(type, id)) {
      case SANDBOX -> {
        Sandbox sandbox = sandboxes.require(principal, required(id));
        yield new Resource(
            new Bound(Bound.Kind.SANDBOX, sandbox.id()), sandbox.owner().externalUserId());
      }
      case WORKSPACE -> {
        requireUnconfined(principal);
        yield new Resource(new Bound(Bound.Kind.WORKSPACE, required(id)), null);
      }
      case ORGANIZATION -> {
        requireUnconfined(principal);
        if (id != null && !id.equals(principal.org().value())) {
          throw AtollException.of(ErrorCode.NOT_FOUND, "organization " + id);
        }
        yield new Resource(Bound.ORGANIZATION, null);
      }
    };
  }

  /** Refuses a workspace that is not the organization's; one that is stays meanwhile. */
  static void requireExists(Tx tx, Bound bound) {
    String id = bound.id();
    if (bound.kind() == Bound.Kind.WORKSPACE && id != null) {
      Places.hold(tx, id, null);
    }
  }

  /** Refuses to attribute something to a workspace that is not the organization's. */
  static void requireWorkspace(Tx tx, @Nullable String id) {
    if (id != null && tx.sql().fetchOne("select 1 from workspaces where id = ?", id) == null) {
      throw AtollException.invalid("workspace_id", "names no workspace");
    }
  }

  /** What a key that acts for one end user may not change. */
  private static void requireUnconfined(Principal principal) {
    if (principal.externalUser() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "it acts for one end user, and this holds for others too");
    }
  }

  /** The kind that these two fields name. */
  static Bound.Kind kind(@Nullable String type, @Nullable String id) {
    if (type == null || type.isEmpty()) {
      boolean sandbox = id != null && id.startsWith(SandboxId.PREFIX + "_");
      if (id != null && !id.isEmpty() && !sandbox) {
        throw AtollException.invalid("resource_type", "is required beside resource_id");
      }
      return sandbox ? Bound.Kind.SANDBOX : Bound.Kind.ORGANIZATION;
    }
    return switch (type) {
      case "sandbox" -> Bound.Kind.SANDBOX;
      case "workspace" -> Bound.Kind.WORKSPACE;
      case "organization", "tenant" -> Bound.Kind.ORGANIZATION;
      case "computer" ->
          throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "egress policies of computers");
      default ->
          throw AtollException.invalid(
              "resource_type", "must be sandbox, workspace or organization");
    };
  }

  private static String required(@Nullable String id) {
    if (id == null || id.isEmpty()) {
      throw AtollException.invalid("resource_id", "is required beside this resource_type");
    }
    return com.atoll.model.Ids.reference(id);
  }

  /** A binding to make; the id of its secret may come later. */
  Secret.Binding binding(
      Principal principal,
      String secretId,
      @Nullable String type,
      @Nullable String id,
      @Nullable String variable) {
    Checks.variable(variable);
    Resource resource = find(principal, type, id);
    if (variable != null && resource.bound().kind() != Bound.Kind.SANDBOX) {
      throw AtollException.invalid("expose_as_env", "is possible for one sandbox only");
    }
    return new Secret.Binding(
        Ids.next("egb"),
        principal.org(),
        secretId,
        resource.bound(),
        variable,
        resource.externalUserId(),
        Policies.now());
  }
}

package com.atoll.server.egress;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Secrets as the API shows them: never with their value. */
final class SecretViews {
  private static final String NO_EFFECT =
      "It has no effect: the secret has no hosts, and expose_as_env names no variable.";

  private SecretViews() {}

  /** A secret. */
  record SecretView(
      @Doc("Id.") String id,
      @Doc("Organization.") String tenantId,
      @Doc("Name.") String name,
      @Doc("api_key, oauth_token, bearer, basic or generic.") String type,
      @Doc("user, workspace, tenant, external_user or external_workspace.") String scope,
      @Doc("Provider that issued it.") @Nullable String provider,
      @Doc("active or expired.") String status,
      @Doc("What of the value may be seen.") String maskedValue,
      @Doc("Hosts into whose requests the egress proxy puts it.") List<String> hosts,
      @Doc("Header that carries it there; null for that of its type.") @Nullable String header,
      @Doc("Workspace.") @Nullable String workspaceId,
      @Doc("User.") @Nullable String ownerUserId,
      @Doc("The customer's workspace.") @Nullable String externalWorkspaceId,
      @Doc("The customer's user.") @Nullable String externalUserId,
      @Doc("Free data of the caller.") Map<String, Object> metadata,
      @Doc("When it ends.") @Nullable Instant expiresAt,
      @Doc("Rises with every rotation.") long version,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static SecretView of(Secret secret) {
      var expires = secret.expiresAt();
      return new SecretView(
          secret.id(),
          secret.org().value(),
          secret.name(),
          secret.type(),
          secret.scope(),
          secret.provider(),
          secret.isExpired(Policies.now()) ? "expired" : "active",
          secret.masked(),
          secret.hosts(),
          secret.header(),
          secret.owner().workspaceId(),
          secret.owner().ownerUserId(),
          secret.owner().externalWorkspaceId(),
          secret.owner().externalUserId(),
          secret.metadata(),
          expires == null ? null : expires.toInstant(),
          secret.version(),
          secret.createdAt().toInstant(),
          secret.updatedAt().toInstant());
    }
  }

  /** Which sandboxes a secret serves. */
  record BindingView(
      @Doc("Id.") String id,
      @Doc("Organization.") String tenantId,
      @Doc("Secret.") String secretId,
      @Doc("sandbox, workspace or organization.") String resourceType,
      @Doc("Id of the resource; null for the organization.") @Nullable String resourceId,
      @Doc("Variable that holds the value; null: only the egress proxy uses it.")
          @Nullable String exposeAsEnv,
      @Doc("Why it has no effect as it is; null when it has one.") @Nullable String warning,
      @Doc("When it was made.") Instant createdAt) {

    /** {@code aimless} when its secret has no hosts into whose requests it could go. */
    static BindingView of(Secret.Binding binding, boolean aimless) {
      return new BindingView(
          binding.id(),
          binding.org().value(),
          binding.secretId(),
          binding.bound().kind().wire(),
          binding.bound().id(),
          binding.exposeAsEnv(),
          aimless && binding.exposeAsEnv() == null ? NO_EFFECT : null,
          binding.createdAt().toInstant());
    }
  }

  /** Secrets, under the name that the asking client reads. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SecretList(
      @Doc("The secrets, newest first.") @Nullable List<SecretView> secrets,
      @Doc("The same, for the command line alone.") @Nullable List<SecretView> data) {}

  /** Bindings, under the name that every client reads. */
  record BindingList(@Doc("The bindings, newest first.") List<BindingView> bindings) {}
}

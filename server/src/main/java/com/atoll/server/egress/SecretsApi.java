package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.CarrierHeader;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.egress.SecretViews.BindingList;
import com.atoll.server.egress.SecretViews.BindingView;
import com.atoll.server.egress.SecretViews.SecretList;
import com.atoll.server.egress.SecretViews.SecretView;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.dialects.Dialect;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Secrets for calls out, and which sandboxes they serve. */
final class SecretsApi {
  private static final Set<String> TYPES =
      Set.of("api_key", "oauth_token", "bearer", "basic", "generic");
  private static final Set<String> SCOPES =
      Set.of("user", "workspace", "tenant", "external_user", "external_workspace");

  private final Bounds bounds;
  private final Secrets secrets;

  SecretsApi(Bounds bounds, Secrets secrets) {
    this.bounds = bounds;
    this.secrets = secrets;
  }

  /** A secret to keep. */
  record Create(
      @Doc(value = "Name.", min = 1, max = 128) String name,
      @Doc(value = "Value; never shown again.", min = 1, max = 16384) String value,
      @Doc("api_key (default), oauth_token, bearer, basic or generic.") @Nullable String type,
      @Doc("user (default), workspace, tenant, external_user or external_workspace.")
          @Nullable String scope,
      @Doc(
              value =
                  "Hosts into whose requests the egress proxy puts it, over TLS; none: it is only"
                      + " exposed. A host that begins with http:// gets it without TLS.",
              max = 100)
          @JsonAlias("allowed_hosts")
          @Nullable List<String> hosts,
      @Doc(
              value = "Header that carries it; none that frames or routes a message, like Host.",
              pattern = "[A-Za-z][A-Za-z0-9-]{0,63}")
          @Nullable String header,
      @Doc("Variable of the sandbox that holds the value.") @Nullable String exposeAsEnv,
      @Doc("sandbox, workspace or organization: what it is bound to.")
          @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId,
      @Doc(value = "Workspace.", max = 200) @Nullable String workspaceId,
      @Doc(value = "User.", max = 200) @Nullable String ownerUserId,
      @Doc(value = "The customer's user.", max = 255) @Nullable String externalUserId,
      @Doc(value = "The customer's workspace.", max = 255) @Nullable String externalWorkspaceId,
      @Doc(value = "Provider that issued it.", max = 128) @Nullable String provider,
      @Doc(value = "Refresh token; kept sealed.", max = 16384) @Nullable String refreshToken,
      @Doc("When it ends.") @Nullable OffsetDateTime expiresAt,
      @Doc(value = "Free data of the caller.", max = 100) @Nullable Map<String, Object> metadata) {}

  /** A new value. */
  record Rotate(
      @Doc(value = "New value.", min = 1, max = 16384) String value,
      @Doc(value = "Refresh token; kept sealed.", max = 16384) @Nullable String refreshToken,
      @Doc(value = "Hosts as at creation; absent: as they are.", max = 100)
          @JsonAlias("allowed_hosts")
          @Nullable List<String> hosts,
      @Doc("When it ends, null for never; absent: as it was, unless it has ended already.")
          @Nullable OffsetDateTime expiresAt) {}

  /** A binding to make. */
  record Bind(
      @Doc("Secret.") String secretId,
      @Doc("sandbox, workspace or organization (default).") @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId,
      @Doc("Variable of the sandbox that holds the value; absent: only the egress proxy uses it.")
          @Nullable String exposeAsEnv) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/egress/secrets"), "secrets.list", "Lists secrets.")
            .query("scope", "Only of this scope.")
            .query("type", "Only of this type.")
            .query("provider", "Only of this provider.")
            .query("workspace_id", "Only of this workspace.")
            .query("owner_user_id", "Only of this user.")
            .query("external_user_id", "Only with this attribution.")
            .query("external_workspace_id", "Only with this attribution.")
            .query("resource_id", "Only those bound to this resource.")
            .query("resource_type", "Kind of that resource.")
            .response(SecretList.class, Envelope.FLAT)
            .handle(this::list),
        declare(Operation.post("/egress/secrets"), "secrets.create", "Keeps a secret.")
            .scope("egress:write")
            .idempotency(Idempotency.KEY)
            .request(Create.class)
            .response(SecretView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(this::create),
        declare(
                Operation.get("/egress/secrets/:secret_id"),
                "secrets.get",
                "Shows a secret without its value.")
            .response(SecretView.class, Envelope.DATA)
            .handle(call -> SecretView.of(secrets.get(call.principal(), call.path("secret_id")))),
        declare(
                Operation.patch("/egress/secrets/:secret_id"),
                "secrets.rotate",
                "Gives a secret a new value, wherever it is used.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .request(Rotate.class)
            .response(SecretView.class, Envelope.DATA)
            .handle(this::rotate),
        declare(
                Operation.delete("/egress/secrets/:secret_id"),
                "secrets.delete",
                "Deletes a secret and its bindings.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .run(call -> secrets.delete(call.principal(), call.path("secret_id"))),
        declare(
                Operation.get("/egress/bindings"),
                "bindings.list",
                "Lists which sandboxes secrets serve.")
            .query("secret_id", "Only of this secret.")
            .query("resource_id", "Only of this resource.")
            .query("resource_type", "Kind of that resource.")
            .response(BindingList.class, Envelope.FLAT)
            .handle(this::bindings),
        declare(Operation.post("/egress/bindings"), "bindings.create", "Binds a secret.")
            .scope("egress:write")
            .idempotency(Idempotency.KEY)
            .request(Bind.class)
            .response(BindingView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(this::bind),
        declare(
                Operation.delete("/egress/bindings/:binding_id"),
                "bindings.delete",
                "Ends a binding, and its variable.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .run(call -> secrets.unbind(call.principal(), call.path("binding_id"))));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress." + name)
        .summary(summary)
        .priority(name.startsWith("secrets") ? "P2" : "P3")
        .scope("egress:read")
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.NODE_UNAVAILABLE,
            ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private SecretList list(Call call) {
    String resource = call.query("resource_id");
    List<String> bound =
        resource == null
            ? List.of()
            : secrets.bindings(call.principal()).stream()
                .filter(binding -> resource.equals(binding.bound().id()))
                .map(Secret.Binding::secretId)
                .toList();
    List<SecretView> found =
        secrets.list(call.principal()).stream()
            .filter(secret -> fits(call, "scope", secret.scope()))
            .filter(secret -> fits(call, "type", secret.type()))
            .filter(secret -> fits(call, "provider", secret.provider()))
            .filter(secret -> fits(call, "workspace_id", secret.owner().workspaceId()))
            .filter(secret -> fits(call, "owner_user_id", secret.owner().ownerUserId()))
            .filter(secret -> fits(call, "external_user_id", secret.owner().externalUserId()))
            .filter(
                secret -> fits(call, "external_workspace_id", secret.owner().externalWorkspaceId()))
            .filter(secret -> resource == null || bound.contains(secret.id()))
            .map(SecretView::of)
            .toList();
    boolean commandLine = call.dialect() == Dialect.CLI;
    return new SecretList(commandLine ? null : found, commandLine ? found : null);
  }

  private static boolean fits(Call call, String name, @Nullable String value) {
    String wanted = call.query(name);
    return wanted == null || wanted.equals(value);
  }

  private SecretView create(Call call, Create body) {
    Principal principal = call.principal();
    var now = Policies.now();
    String confined = principal.externalUser();
    Secret secret =
        new Secret(
            Ids.next("egs"),
            principal.org(),
            body.name(),
            oneOf("type", body.type(), "api_key", TYPES),
            scope(body.scope()),
            body.provider(),
            Secret.mask(body.value()),
            hosts(body.hosts()),
            body.header(),
            new Secret.Owner(
                body.workspaceId(),
                body.ownerUserId(),
                body.externalWorkspaceId(),
                confined == null ? body.externalUserId() : confined),
            body.metadata() == null ? Map.of() : body.metadata(),
            body.expiresAt(),
            1,
            now,
            now);
    plain("value", body.value());
    if (body.header() != null && !CarrierHeader.isFree(body.header())) {
      throw AtollException.invalid("header", "must not be one that frames or routes a message");
    }
    secret.requireCarried(body.value());
    boolean bound = body.resourceId() != null || body.resourceType() != null;
    if (body.exposeAsEnv() != null && !bound) {
      throw AtollException.invalid("expose_as_env", "needs the resource_id of a sandbox");
    }
    Secret.Binding binding =
        bound
            ? bounds.binding(
                principal, secret.id(), body.resourceType(), body.resourceId(), body.exposeAsEnv())
            : null;
    SecretView view = SecretView.of(secret);
    secrets.create(
        principal,
        secret,
        body.value(),
        body.refreshToken(),
        binding,
        (tx, made) -> call.idempotentAnswer(tx, view, made.id()));
    return view;
  }

  private SecretView rotate(Call call, Rotate body) {
    plain("value", body.value());
    List<String> hosts = body.hosts() == null ? null : hosts(body.hosts());
    return SecretView.of(
        secrets.rotate(
            call.principal(),
            call.path("secret_id"),
            body.value(),
            body.refreshToken(),
            secret -> {
              Secret next =
                  secret.rotated(
                      Secret.mask(body.value()),
                      hosts == null ? secret.hosts() : hosts,
                      call.has("expires_at") ? body.expiresAt() : secret.endStillAhead());
              next.requireCarried(body.value());
              return next;
            }));
  }

  private BindingList bindings(Call call) {
    Set<String> aimless =
        secrets.list(call.principal()).stream()
            .filter(secret -> secret.hosts().isEmpty())
            .map(Secret::id)
            .collect(Collectors.toSet());
    return new BindingList(
        secrets.bindings(call.principal()).stream()
            .filter(one -> fits(call, "secret_id", one.secretId()))
            .filter(one -> fits(call, "resource_id", one.bound().id()))
            .map(one -> BindingView.of(one, aimless.contains(one.secretId())))
            .toList());
  }

  private BindingView bind(Call call, Bind body) {
    Secret.Binding binding =
        bounds.binding(
            call.principal(),
            Ids.reference(body.secretId()),
            body.resourceType(),
            body.resourceId(),
            body.exposeAsEnv());
    boolean aimless = secrets.get(call.principal(), binding.secretId()).hosts().isEmpty();
    BindingView view = BindingView.of(binding, aimless);
    secrets.bind(
        call.principal(), binding, (tx, made) -> call.idempotentAnswer(tx, view, made.id()));
    return view;
  }

  /** Whom a secret is for. */
  static String scope(@Nullable String asked) {
    return oneOf("scope", asked, "user", SCOPES);
  }

  private static List<String> hosts(@Nullable List<String> asked) {
    if (asked == null || asked.isEmpty()) {
      return List.of();
    }
    return asked.stream()
        .map(host ->
            host.startsWith("http://")
                ? "http://" + Checks.host(host.substring(7))
                : Checks.host(host))
        .peek(host -> {
          if (host.endsWith("*")) {
            throw AtollException.invalid("hosts", "must not be every host");
          }
        })
        .distinct()
        .toList();
  }

  private static void plain(String field, String value) {
    if (value.chars().anyMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r')) {
      throw AtollException.invalid(field, "holds control characters");
    }
  }

  private static String oneOf(
      String field, @Nullable String asked, String otherwise, Set<String> all) {
    String chosen = asked == null ? otherwise : asked;
    if (!all.contains(chosen)) {
      throw AtollException.invalid(field, "must be one of " + String.join(", ", all));
    }
    return chosen;
  }
}

package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connectors of a sandbox: secrets of the organization by the names of their providers, bound to
 * it. The bindings are those of {@code /egress/bindings}.
 */
final class ConnectorsApi {
  private static final String ENV = "brokered_env";
  private static final String PROXY = "egress_proxy";
  private static final String ALL = "/sandboxes/:id/connectors";

  private final Sandboxes sandboxes;
  private final Bounds bounds;
  private final Secrets secrets;

  ConnectorsApi(Sandboxes sandboxes, Bounds bounds, Secrets secrets) {
    this.sandboxes = sandboxes;
    this.bounds = bounds;
    this.secrets = secrets;
  }

  /** A connector to attach, or to look at beforehand. */
  record Attach(
      @Doc(value = "Id or name of a secret, or the provider that issued it.", max = 200)
          @Nullable String connector,
      @Doc(
              "brokered_env (default): a variable holds the value; egress_proxy: only requests to the"
                  + " secret's hosts have it, which the sandbox never sees.")
          @Nullable String mode,
      @Doc("The variable; required with brokered_env.") @Nullable String envName,
      @Doc("Installation of a provider's app; there are none in this release.")
          @Nullable String installationId) {}

  /** A connector that a sandbox has. */
  record ConnectorView(
      @Doc("Id of the binding.") String id,
      @Doc("Sandbox.") String sandboxId,
      @Doc("Id of the secret behind it.") String connectorId,
      @Doc("Its provider, else its name.") String connector,
      @Doc("Name of the secret.") String name,
      @Doc("Provider that issued it.") @Nullable String provider,
      @Doc("brokered_env or egress_proxy.") String mode,
      @Doc("The variable that holds it.") @Nullable String envName,
      @Doc("Hosts into whose requests the egress proxy puts it.") List<String> hosts,
      @Doc("active or expired.") String status,
      @Doc("When it was attached.") Instant createdAt) {

    static ConnectorView of(Secret.Binding binding, Secret secret) {
      String provider = secret.provider();
      return new ConnectorView(
          binding.id(),
          String.valueOf(binding.bound().id()),
          secret.id(),
          provider == null ? secret.name() : provider,
          secret.name(),
          provider,
          binding.exposeAsEnv() == null ? PROXY : ENV,
          binding.exposeAsEnv(),
          secret.hosts(),
          secret.isExpired(Policies.now()) ? "expired" : "active",
          binding.createdAt().toInstant());
    }
  }

  /** Whether one connector would serve. */
  record Check(
      @Doc("What was asked for.") String connector,
      @Doc("Whether it serves.") boolean ready,
      @Doc("What is in the way.") @Nullable String problem) {}

  /** Whether connectors would serve. */
  record Preflight(
      @Doc("Whether all of them do.") boolean ready, @Doc("Each of them.") List<Check> checks) {}

  /** What was given again. */
  record Synced(
      @Doc("How many connectors the sandbox has.") int synced,
      @Doc("Each of them.") List<ConnectorView> connectors) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get(ALL), "list", "Lists the connectors of a sandbox.")
            .list(ConnectorView.class)
            .handle(call -> Page.whole(views(call, sandbox(call)))),
        declare(Operation.post(ALL), "attach", "Attaches a connector to a sandbox.")
            .scope("egress:write")
            .idempotency(Idempotency.KEY)
            .request(Attach.class)
            .response(ConnectorView.class, Envelope.DATA)
            .status(201)
            .handle(this::attach),
        declare(
                Operation.delete(ALL + "/:connector"),
                "detach",
                "Detaches a connector, by the id of the binding or as it was attached.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .run(this::detach),
        declare(
                Operation.post(ALL + "/preflight"),
                "preflight",
                "Says whether a connector, or those that a sandbox has, would serve.")
            .readOnly()
            .idempotency(Idempotency.NATURAL)
            .request(Attach.class)
            .response(Preflight.class, Envelope.DATA)
            .handle(this::preflight),
        declare(
                Operation.post(ALL + "/sync"),
                "sync",
                "Gives a sandbox the present values of its connectors again.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .response(Synced.class, Envelope.DATA)
            .handle(this::sync));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes.connectors." + name)
        .summary(summary)
        .priority("P3")
        .scope("egress:read")
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.NODE_UNAVAILABLE,
            ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private List<Secret.Binding> bindings(Call call, Sandbox sandbox) {
    return secrets.bindings(call.principal()).stream()
        .filter(binding -> sandbox.id().equals(binding.bound().id()))
        .toList();
  }

  private List<ConnectorView> views(Call call, Sandbox sandbox) {
    Map<String, Secret> byId = new HashMap<>();
    secrets.list(call.principal()).forEach(secret -> byId.put(secret.id(), secret));
    List<ConnectorView> views = new ArrayList<>();
    for (Secret.Binding binding : bindings(call, sandbox)) {
      Secret secret = byId.get(binding.secretId());
      if (secret != null) {
        views.add(ConnectorView.of(binding, secret));
      }
    }
    return views;
  }

  /** The secret of this id, else the newest of this name or provider. */
  private Secret require(Principal principal, @Nullable String connector) {
    if (connector == null || connector.isBlank()) {
      throw AtollException.invalid("connector", "is required");
    }
    return secrets.list(principal).stream()
        .filter(secret -> isNamed(secret, connector))
        .max(
            Comparator.<Secret, Boolean>comparing(secret -> secret.id().equals(connector))
                .thenComparing(secret -> secret.name().equals(connector))
                .thenComparing(Secret::createdAt))
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "connector " + shown(connector)));
  }

  private static boolean isNamed(Secret secret, String connector) {
    return secret.id().equals(connector)
        || secret.name().equals(connector)
        || connector.equals(secret.provider());
  }

  private static String shown(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static @Nullable String variable(Attach asked) {
    if (asked.installationId() != null) {
      throw AtollException.invalid("installation_id", "names no installation of a provider's app");
    }
    String mode = asked.mode() == null ? ENV : asked.mode().replace('-', '_');
    String name = asked.envName();
    return switch (mode) {
      case ENV -> {
        if (name == null || name.isEmpty()) {
          throw AtollException.invalid("env_name", "is required with " + ENV);
        }
        yield name;
      }
      case PROXY -> {
        if (name != null) {
          throw AtollException.invalid("env_name", "is not possible with " + PROXY);
        }
        yield null;
      }
      default -> throw AtollException.invalid("mode", "must be " + ENV + " or " + PROXY);
    };
  }

  private ConnectorView attach(Call call, Attach body) {
    Sandbox sandbox = sandbox(call);
    String variable = variable(body);
    Secret secret = require(call.principal(), body.connector());
    if (variable == null && secret.hosts().isEmpty()) {
      throw AtollException.invalid("mode", "needs a secret with hosts");
    }
    Secret.Binding binding =
        bounds.binding(call.principal(), secret.id(), "sandbox", sandbox.id(), variable);
    ConnectorView view = ConnectorView.of(binding, secret);
    secrets.bind(
        call.principal(), binding, (tx, made) -> call.idempotentAnswer(tx, view, made.id()));
    return view;
  }

  private void detach(Call call) {
    Sandbox sandbox = sandbox(call);
    String asked = call.path("connector");
    List<String> ids =
        views(call, sandbox).stream()
            .filter(view ->
                view.id().equals(asked)
                    || view.connectorId().equals(asked)
                    || view.name().equals(asked)
                    || view.connector().equals(asked))
            .map(ConnectorView::id)
            .toList();
    if (ids.isEmpty()) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "connector " + shown(asked));
    }
    ids.forEach(id -> secrets.unbind(call.principal(), id));
  }

  private Preflight preflight(Call call, Attach body) {
    Sandbox sandbox = sandbox(call);
    List<Check> checks = new ArrayList<>();
    if (body.connector() == null) {
      for (ConnectorView view : views(call, sandbox)) {
        boolean active = view.status().equals("active");
        checks.add(new Check(view.connector(), active, active ? null : "it has expired"));
      }
    } else {
      checks.add(check(call.principal(), body.connector()));
    }
    return new Preflight(checks.stream().allMatch(Check::ready), checks);
  }

  private Check check(Principal principal, String connector) {
    try {
      boolean expired = require(principal, connector).isExpired(Policies.now());
      return new Check(shown(connector), !expired, expired ? "it has expired" : null);
    } catch (AtollException missing) {
      return new Check(shown(connector), false, Objects.requireNonNull(missing.getMessage()));
    }
  }

  private Synced sync(Call call) {
    Sandbox sandbox = sandbox(call);
    secrets.sync(call.principal(), bindings(call, sandbox));
    List<ConnectorView> views = views(call, sandbox);
    return new Synced(views.size(), views);
  }
}

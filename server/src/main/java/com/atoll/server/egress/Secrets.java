package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.server.routes.RouteRequests.Injected;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of secrets and bindings: sealed in the store, then where they are used. */
final class Secrets {
  private static final Logger LOG = LoggerFactory.getLogger(Secrets.class);
  private static final int MOST = 1_000;

  private final Store store;
  private final Vault vault;
  private final Sandboxes sandboxes;
  private final Book book;

  Secrets(Store store, Vault vault, Sandboxes sandboxes, Book book) {
    this.store = store;
    this.vault = vault;
    this.sandboxes = sandboxes;
    this.book = book;
  }

  List<Secret> list(Principal principal) {
    return store.transaction(principal, SecretRows::secrets);
  }

  List<Secret.Binding> bindings(Principal principal) {
    return store.transaction(principal, SecretRows::bindings);
  }

  Secret get(Principal principal, String id) {
    return store.transaction(principal, tx -> require(SecretRows.secret(tx, id), id));
  }

  void create(
      Principal principal,
      Secret secret,
      String value,
      @Nullable String refresh,
      Secret.@Nullable Binding binding,
      BiConsumer<Tx, Secret> after) {
    store.execute(principal, tx -> insert(tx, secret, value, refresh, binding, after));
    created(secret, value, binding);
  }

  /** For a user who consented, not for a caller. */
  void create(
      OrganizationId org,
      Secret secret,
      String value,
      @Nullable String refresh,
      Secret.@Nullable Binding binding,
      BiConsumer<Tx, Secret> after) {
    store.execute(org, tx -> insert(tx, secret, value, refresh, binding, after));
    created(secret, value, binding);
  }

  private void insert(
      Tx tx,
      Secret secret,
      String value,
      @Nullable String refresh,
      Secret.@Nullable Binding binding,
      BiConsumer<Tx, Secret> after) {
    if (SecretRows.count(tx) >= MOST) {
      throw AtollException.invalid("name", "there are " + MOST + " secrets already");
    }
    Bounds.requireWorkspace(tx, secret.owner().workspaceId());
    SecretRows.insert(
        tx, secret, seal(tx, secret.id(), "value", value), sealed(tx, secret.id(), refresh));
    tx.event(event("egress.secret.created", secret));
    if (binding != null) {
      insert(tx, binding);
    }
    after.accept(tx, secret);
  }

  private void created(Secret secret, String value, Secret.@Nullable Binding binding) {
    if (binding != null) {
      inForce(secret.org(), List.of(binding), value);
    }
  }

  Secret rotate(
      Principal principal,
      String id,
      String value,
      @Nullable String refresh,
      UnaryOperator<Secret> change) {
    return rotated(
        store.transaction(principal, tx -> rotate(tx, id, value, refresh, change)), value);
  }

  /** For a provider that gave a new value, not for a caller. */
  Secret rotate(
      OrganizationId org,
      String id,
      String value,
      @Nullable String refresh,
      UnaryOperator<Secret> change) {
    return rotated(store.transaction(org, tx -> rotate(tx, id, value, refresh, change)), value);
  }

  private record Rotated(Secret secret, List<Secret.Binding> bound) {}

  private Rotated rotate(
      Tx tx, String id, String value, @Nullable String refresh, UnaryOperator<Secret> change) {
    Secret next = change.apply(require(SecretRows.lock(tx, id), id));
    SecretRows.rotate(tx, next, seal(tx, id, "value", value), sealed(tx, id, refresh));
    tx.event(event("egress.secret.rotated", next));
    return new Rotated(next, SecretRows.bindings(tx, id));
  }

  private Secret rotated(Rotated rotated, String value) {
    inForce(rotated.secret().org(), rotated.bound(), value);
    return rotated.secret();
  }

  /** Those that a provider can renew and that end before this time. */
  List<Secret> ending(OffsetDateTime before) {
    return store.system(tx -> SecretRows.ending(tx, before));
  }

  /** What renews it. */
  @Nullable String refreshToken(Secret secret) {
    return store.find(
        secret.org(),
        tx -> {
          byte[] sealed = SecretRows.sealedRefresh(tx, secret.id());
          return sealed == null
              ? null
              : new String(vault.open(tx, secret.id(), "refresh", sealed), StandardCharsets.UTF_8);
        });
  }

  void delete(Principal principal, String id) {
    store.execute(
        principal,
        tx -> {
          Secret secret = require(SecretRows.lock(tx, id), id);
          List<Secret.Binding> bound = SecretRows.bindings(tx, id);
          SecretRows.delete(tx, id);
          bound.forEach(gone -> hide(tx, gone));
          tx.event(event("egress.secret.deleted", secret));
        });
    inForce(principal.org());
  }

  void bind(Principal principal, Secret.Binding binding, BiConsumer<Tx, Secret.Binding> after) {
    String value =
        store.transaction(
            principal,
            tx -> {
              require(SecretRows.lock(tx, binding.secretId()), binding.secretId());
              insert(tx, binding);
              after.accept(tx, binding);
              return open(tx, binding.secretId());
            });
    inForce(principal.org(), List.of(binding), value);
  }

  /** Gives a sandbox the variables of its bindings again, and waits until the rest is in force. */
  void sync(Principal principal, List<Secret.Binding> bindings) {
    for (Secret.Binding binding : bindings) {
      expose(binding, store.transaction(principal, tx -> open(tx, binding.secretId())));
    }
    inForce(principal.org());
  }

  void unbind(Principal principal, String id) {
    store.execute(
        principal,
        tx -> {
          Secret.Binding binding =
              SecretRows.binding(tx, id)
                  .orElseThrow(
                      () -> AtollException.of(ErrorCode.NOT_FOUND, "egress binding " + id));
          SecretRows.deleteBinding(tx, id);
          hide(tx, binding);
        });
    inForce(principal.org());
  }

  private static void insert(Tx tx, Secret.Binding binding) {
    Bounds.requireExists(tx, binding.bound());
    SecretRows.insert(tx, binding);
  }

  private void inForce(OrganizationId org) {
    book.reload(org);
    book.awaitInForce(org);
  }

  /**
   * What is committed holds first: a machine that does not take a variable now keeps nobody from
   * what was narrowed, nor the others from their variables.
   */
  private void inForce(OrganizationId org, List<Secret.Binding> bound, String value) {
    book.reload(org);
    AtollException failed = null;
    for (Secret.Binding binding : bound) {
      try {
        expose(binding, value);
      } catch (AtollException away) {
        failed = failed == null ? away : failed;
      }
    }
    book.awaitInForce(org);
    if (failed != null) {
      throw failed;
    }
  }

  /**
   * A variable of the sandbox; the value is never shown again. Of two of one name the one bound
   * last holds, and one that has ended makes no room for the other.
   */
  private void expose(Secret.Binding binding, String value) {
    String name = binding.exposeAsEnv();
    Sandbox sandbox = name == null ? null : sandbox(binding.bound());
    if (name == null || sandbox == null) {
      return;
    }
    if (!store.transaction(binding.org(), tx -> isHolder(tx, binding, name))) {
      return;
    }
    sandboxes.lend(sandbox, name, value);
    store.execute(
        binding.org(),
        tx -> {
          // Whoever ended it in the meantime found no variable yet.
          if (holder(tx, binding.bound(), name).isEmpty()) {
            sandboxes.withdraw(tx, sandbox, name);
          }
        });
  }

  private @Nullable Sandbox sandbox(Bound bound) {
    String id = bound.id();
    return id == null ? null : sandboxes.living(id).orElse(null);
  }

  private static boolean isHolder(Tx tx, Secret.Binding binding, String name) {
    return holder(tx, binding.bound(), name)
        .filter(holder -> holder.id().equals(binding.id()))
        .isPresent();
  }

  /** What a variable has its value of; nothing when that has ended. */
  private static Optional<Secret.Binding> holder(Tx tx, Bound bound, String name) {
    return SecretRows.last(tx, bound, name)
        .filter(last ->
            SecretRows.secret(tx, last.secretId())
                .filter(secret -> !secret.isExpired(Policies.now()))
                .isPresent());
  }

  /** Takes the variable of a binding, which is deleted, from its sandbox; another may have it. */
  private void hide(Tx tx, Secret.Binding gone) {
    String name = gone.exposeAsEnv();
    Sandbox sandbox = name == null ? null : sandbox(gone.bound());
    if (name == null || sandbox == null) {
      return;
    }
    sandboxes.withdraw(tx, sandbox, name);
    holder(tx, gone.bound(), name)
        .ifPresent(heir -> {
          String value = open(tx, heir.secretId());
          tx.afterCommit(() -> exposeIfThere(heir, value));
        });
  }

  private void exposeIfThere(Secret.Binding binding, String value) {
    try {
      expose(binding, value);
    } catch (AtollException away) {
      LOG.warn("The variable of {} is not set: {}", binding.id(), away.getMessage());
    }
  }

  /**
   * Takes the variables of secrets that have ended. Their bindings stay: proxies look at the time,
   * so that calls are refused until there is a new value.
   */
  void expire() {
    if (!book.hasLoaded()) {
      return;
    }
    for (Secret secret : store.system(tx -> SecretRows.ended(tx, Policies.now()))) {
      try {
        store.execute(secret.org(), tx -> expire(tx, secret.id()));
      } catch (AtollException away) {
        LOG.warn("The variables of {} are taken later: {}", secret.id(), away.getMessage());
      }
    }
  }

  private void expire(Tx tx, String id) {
    boolean over =
        SecretRows.lock(tx, id).filter(secret -> secret.isExpired(Policies.now())).isPresent();
    if (!over) {
      return;
    }
    for (Secret.Binding binding : SecretRows.bindings(tx, id)) {
      String name = binding.exposeAsEnv();
      Sandbox sandbox = name == null ? null : sandbox(binding.bound());
      if (name != null && sandbox != null && holder(tx, binding.bound(), name).isEmpty()) {
        sandboxes.withdraw(tx, sandbox, name);
      }
    }
    SecretRows.withdrawn(tx, id);
  }

  /** Tells machines of variables that were taken while they could not be told. */
  void sweep() {
    sandboxes.tellWithdrawn();
  }

  /** What a proxy puts into a request of a sandbox that the secret is bound to. */
  Injected injected(String secretId, String sandboxId) {
    Optional<Secret> bound =
        sandboxes
            .living(sandboxId)
            .flatMap(sandbox ->
                book.of(sandbox).secrets().stream()
                    .map(Aim::secret)
                    .filter(secret -> secret.id().equals(secretId))
                    .filter(secret -> !secret.isExpired(Policies.now()))
                    .findFirst());
    if (bound.isEmpty()) {
      return Injected.REFUSED;
    }
    Secret secret = bound.get();
    String value = store.transaction(secret.org(), tx -> open(tx, secretId));
    if (!secret.canCarry(value)) {
      return Injected.REFUSED;
    }
    var expires = secret.expiresAt();
    return new Injected(
        true,
        secret.headerName(),
        secret.headerValue(value),
        expires == null ? Long.MAX_VALUE : expires.toInstant().toEpochMilli());
  }

  private byte[] seal(Tx tx, String id, String field, String value) {
    return vault.seal(tx, id, field, value.getBytes(StandardCharsets.UTF_8));
  }

  private byte @Nullable [] sealed(Tx tx, String id, @Nullable String refresh) {
    return refresh == null ? null : seal(tx, id, "refresh", refresh);
  }

  private String open(Tx tx, String id) {
    return new String(
        vault.open(tx, id, "value", SecretRows.sealed(tx, id)), StandardCharsets.UTF_8);
  }

  static Secret require(Optional<Secret> found, String id) {
    return found.orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "egress secret " + id));
  }

  private static Event event(String type, Secret secret) {
    return new Event(
        type,
        "egress_secret",
        secret.id(),
        type.endsWith("deleted") ? secret.version() + 1 : secret.version(),
        secret.owner().workspaceId(),
        null,
        secret.owner().externalWorkspaceId(),
        secret.owner().externalUserId(),
        null,
        Map.of("name", secret.name(), "type", secret.type()));
  }
}

package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Guard;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.routes.Route;
import com.atoll.server.routes.Routes;
import com.atoll.server.sandboxes.Guards;
import com.atoll.server.sandboxes.NetworkWish;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every policy in memory, so that a create asks nobody; what follows from them is told to the node
 * (ports) and to the gateways (names). Whatever fails is repeated by the comparison with the node.
 */
public final class Book implements Guards, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Book.class);
  private static final long LOAD_SECONDS = 10;
  private static final Duration IN_FORCE = Duration.ofSeconds(5);

  /** By then nothing is under way any more that was asked for a sandbox before it was destroyed. */
  private static final Duration LEFT_OVER = Duration.ofMinutes(1);

  private static final int TRIES = 3;
  private static final Written NOTHING = new Written(List.of(), List.of(), List.of(), List.of());

  private final Store store;
  private final NodeClient node;
  private final Routes routes;
  private final CountDownLatch loaded = new CountDownLatch(1);

  /** Every sandbox has been looked at since this process began. */
  private final CountDownLatch compared = new CountDownLatch(1);

  private final Object reading = new Object();
  private final Map<OrganizationId, Written> byOrg = new ConcurrentHashMap<>();

  /** What the node holds back, as far as is known. */
  private final Map<String, Guard> onNode = new ConcurrentHashMap<>();

  /** Sandboxes whose node did not answer when it was to hold back something else. */
  private final Set<String> untold = ConcurrentHashMap.newKeySet();

  private final Forked forked = new Forked();
  private final Trust trust;
  private final Pushes pushes = new Pushes(this::tell);
  private @Nullable Sandboxes sandboxes;
  private long revision;
  private long tableVersion;

  /** A book that is empty until {@link #load}. */
  public Book(Store store, NodeClient node, Routes routes) {
    this.store = store;
    this.node = node;
    this.routes = routes;
    trust = new Trust(node);
  }

  /** Names the sandboxes that the book is about, before anything starts. */
  public void follow(Sandboxes all) {
    sandboxes = all;
  }

  private Sandboxes sandboxes() {
    return Objects.requireNonNull(sandboxes);
  }

  /** Reads everything, once the sandboxes are known. */
  public void load() {
    synchronized (reading) {
      // Nobody asks yet: whatever is destroyed can be neither forked nor kept in a snapshot.
      store.executeSystem(tx -> {
        var _ = Rows.sweep(tx, Duration.ZERO);
      });
      Written all = store.system(Written::read);
      all.organizations().forEach(org -> byOrg.put(org, all.of(org)));
    }
    loaded.countDown();
    pushes.start();
    sandboxes().recheck(_ -> true);
    compared.countDown();
  }

  /** Reads what an organization has, after a commit: whoever reads last has the newest. */
  void reload(OrganizationId org) {
    synchronized (reading) {
      Set<String> stored = forked.over(org);
      byOrg.put(org, store.transaction(org, Written::read));
      forked.forget(stored);
    }
    sandboxes().recheck(sandbox -> sandbox.org().equals(org));
  }

  /**
   * Waits until nodes and gateways go by what was read.
   *
   * @throws AtollException with {@link ErrorCode#EGRESS_NOT_IN_FORCE} when one of them does not in
   *     time: what is answered as done holds
   */
  void awaitInForce(OrganizationId org) {
    try {
      boolean looked = compared.await(LOAD_SECONDS, TimeUnit.SECONDS);
      long version;
      synchronized (this) {
        version = tableVersion;
      }
      untold(org).forEach(pushes::add);
      if (looked
          && pushes.awaitIdle(IN_FORCE)
          && untold(org).isEmpty()
          && routes.awaitAcknowledged(version, IN_FORCE)) {
        return;
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    throw AtollException.of(ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private List<String> untold(OrganizationId org) {
    return untold.stream()
        .filter(id -> sandboxes().living(id).filter(one -> one.org().equals(org)).isPresent())
        .toList();
  }

  /** Whether the sandboxes are known, and what holds for them. */
  boolean hasLoaded() {
    return loaded.getCount() == 0;
  }

  Effective of(Sandbox sandbox) {
    return Effective.of(sandbox, written(sandbox));
  }

  /** Whether what holds besides what is bound to the sandbox itself is only written down. */
  boolean isOnlyWatched(Sandbox sandbox) {
    return !Effective.of(sandbox, written(sandbox).without(Set.of(sandbox.id()))).enforce();
  }

  private Written written(Sandbox sandbox) {
    return forked.with(sandbox, byOrg.getOrDefault(sandbox.org(), NOTHING));
  }

  /** Refuses a change of this transaction that no node could hold. */
  void requireRoom(Tx tx, Bound changed, String field) {
    Room.require(tx, changed, field, sandboxes()::living);
  }

  @Override
  public @Nullable String kept(Sandbox sandbox) {
    requireLoaded();
    Terms terms = Terms.of(sandbox, written(sandbox));
    return terms == null ? null : terms.text();
  }

  @Override
  public void check(String kept) {
    var _ = Terms.read(kept);
  }

  @Override
  public void begin(Sandbox sandbox, @Nullable String kept, @Nullable NetworkWish wish) {
    Terms had = kept == null ? Terms.NOTHING : Terms.read(kept);
    if (wish == null) {
      forked.add(sandbox, had.of(sandbox), true, 0);
      return;
    }
    requireLoaded();
    Written others = written(sandbox);
    boolean enforced = Effective.of(sandbox, others.with(had.of(sandbox))).enforce();
    Terms terms = had.with(wish, enforced);
    Terms.Copy copy = terms.of(sandbox);
    // Before the machine is asked: it is claimed while the row is stored.
    Room.require(Effective.of(sandbox, others.with(copy)).guard(), "network");
    int asked = (int) terms.rules().stream().filter(line -> !had.rules().contains(line)).count();
    forked.add(sandbox, copy, kept != null, asked);
  }

  @Override
  public void insert(Tx tx, Sandbox sandbox) {
    forked.insert(tx, sandbox);
  }

  @Override
  public void settle(Sandbox fork) {
    if (forked.over(fork)) {
      try {
        reload(fork.org());
      } catch (RuntimeException away) {
        LOG.warn("What {} has of egress is read later; it holds already.", fork.id(), away);
      }
    }
  }

  /**
   * Removes what was bound to the sandbox alone. Not before its machine is gone: as long as there
   * is one, a fork of it begins with that. Snapshots have their own copy.
   */
  @Override
  public void ended(Sandbox sandbox) {
    if (loaded.getCount() > 0
        || !byOrg.getOrDefault(sandbox.org(), NOTHING).speaksOf(sandbox.id())) {
      return;
    }
    try {
      store.execute(
          sandbox.org(), tx -> Rows.deleteOf(tx, new Bound(Bound.Kind.SANDBOX, sandbox.id())));
      forget(Set.of(sandbox.id()));
    } catch (RuntimeException away) {
      LOG.warn("What {} had of egress is removed later.", sandbox.id(), away);
    }
  }

  /** Removes what was bound to a workspace with it; nothing of it runs any more. */
  void ends(Tx tx, String workspace) {
    Rows.deleteOf(tx, new Bound(Bound.Kind.WORKSPACE, workspace));
    tx.afterCommit(() -> forget(Set.of(workspace)));
  }

  /** Removes what is bound to sandboxes that are gone, when that could not be done at once. */
  void sweep() {
    Set<String> gone = store.system(tx -> Rows.sweep(tx, LEFT_OVER));
    if (!gone.isEmpty()) {
      forget(gone);
    }
  }

  private void forget(Set<String> gone) {
    synchronized (reading) {
      byOrg.replaceAll((_, written) -> written.without(gone));
    }
  }

  private void requireLoaded() {
    try {
      if (!loaded.await(LOAD_SECONDS, TimeUnit.SECONDS)) {
        throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
    }
  }

  @Override
  public Guard claim(Sandbox sandbox) {
    requireLoaded();
    Guard guard = of(sandbox).guard();
    if (guard.getProxied()) {
      onNode.put(sandbox.id(), guard);
    }
    return guard;
  }

  @Override
  public void seen(Workload workload) {
    onNode.put(workload.getId(), workload.getGuard());
    sandboxes().recheck(sandbox -> sandbox.id().equals(workload.getId()));
  }

  @Override
  public void changed(Sandbox sandbox) {
    if (loaded.getCount() > 0) {
      return;
    }
    String id = sandbox.id();
    if (sandbox.state() == SandboxState.DESTROYED) {
      onNode.remove(id);
      untold.remove(id);
      trust.forget(id);
      route(id, null);
      return;
    }
    Effective effective = of(sandbox);
    Guard wanted = effective.guard();
    Guard known = onNode.getOrDefault(id, Guard.getDefaultInstance());
    if (wanted.getProxied() || !known.getProxied()) {
      route(id, routeOf(sandbox, effective));
    }
    boolean trusts =
        !effective.inspects() || sandbox.state() != SandboxState.RUNNING || trust.has(id);
    if (!wanted.equals(known) || !trusts) {
      pushes.add(id);
    } else {
      untold.remove(id);
    }
  }

  private Route.@Nullable Egress routeOf(Sandbox sandbox, Effective effective) {
    String address = sandbox.address();
    if (effective.isNone()
        || sandbox.state() != SandboxState.RUNNING
        || address == null
        || address.isEmpty()) {
      return null;
    }
    return effective.route(key(sandbox.id()), sandbox, address);
  }

  private synchronized void route(String id, Route.@Nullable Egress route) {
    String key = key(id);
    if (route != null) {
      tableVersion = routes.put(route, ++revision);
    } else if (routes.get(key) != null) {
      tableVersion = routes.remove(key, ++revision);
    }
  }

  /** A node that is just starting again is asked again. */
  private void tell(String id) {
    boolean told = false;
    for (int i = 0; i < TRIES && !told; i++) {
      told = tellOnce(id);
    }
    if (told) {
      untold.remove(id);
    } else {
      untold.add(id);
    }
  }

  private boolean tellOnce(String id) {
    Optional<Sandbox> sandbox = sandboxes().living(id);
    if (sandbox.isEmpty()) {
      return true;
    }
    Guard wanted = of(sandbox.get()).guard();
    try {
      node.workloads().update(UpdateRequest.newBuilder().setId(id).setGuard(wanted).build());
      CrashPoint.AFTER_GUARD.reach();
      onNode.put(id, wanted);
      if (of(sandbox.get()).inspects() && sandbox.get().state() == SandboxState.RUNNING) {
        trust.give(id);
      }
      sandboxes().recheck(one -> one.id().equals(id));
      return true;
    } catch (AtollException away) {
      LOG.warn("The guard of {} is not in force yet: {}", id, away.getMessage());
      // Nothing has to be told where the machine is no more; any other refusal leaves it open.
      return switch (away.code()) {
        case NOT_FOUND, SANDBOX_NOT_FOUND, SANDBOX_DESTROYED -> true;
        default -> false;
      };
    }
  }

  /** The authority that egress proxies open TLS with; sandboxes whose TLS is opened trust it. */
  void authority(String pem) {
    trust.authority(pem);
    sandboxes().recheck(sandbox -> of(sandbox).inspects());
  }

  @Override
  public void claimed(Sandbox sandbox) {
    if (of(sandbox).inspects()) {
      trust.give(sandbox.id());
    }
  }

  @Override
  public void close() {
    pushes.close();
  }

  static String key(String id) {
    return "egress/" + id;
  }
}

package com.atoll.edge.routes;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.hosts.Target;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All routes, in memory. Event loops read it without a lock; one writer at a time changes it. */
public final class RouteTable {
  private static final String BELOW = ".sandbox.";

  private volatile Index index = new Index();
  private volatile Consumer<String> egressListener = address -> {};

  private static final class Index {
    final Map<String, Route> keys = new ConcurrentHashMap<>();
    final Map<String, Route.Sandbox> slugs = new ConcurrentHashMap<>();
    final Map<String, Route.Sandbox> ids = new ConcurrentHashMap<>();
    final Map<String, Route.Site> hosts = new ConcurrentHashMap<>();
    final Map<String, Route.Domain> domains = new ConcurrentHashMap<>();
    final Map<String, Route.Egress> egress = new ConcurrentHashMap<>();
    final Map<String, Route.Sandbox> running = new ConcurrentHashMap<>();
    final Set<Owner> owners = ConcurrentHashMap.newKeySet();

    void put(Route route) {
      owners.addAll(route.owners());
      keys.put(route.key(), route);
      switch (route) {
        case Route.Sandbox sandbox -> {
          slugs.put(sandbox.slug(), sandbox);
          ids.put(bare(sandbox.sandboxId()), sandbox);
          if (!sandbox.owners().isEmpty()) {
            running.put(sandbox.address(), sandbox);
          }
        }
        case Route.Site site -> site.hosts().forEach(host -> hosts.put(host, site));
        case Route.Domain own -> domains.put(own.domain(), own);
        case Route.Egress one -> egress.put(one.address(), one);
      }
    }

    void forget(Route route) {
      switch (route) {
        case Route.Sandbox sandbox -> {
          slugs.remove(sandbox.slug(), sandbox);
          ids.remove(bare(sandbox.sandboxId()), sandbox);
          running.remove(sandbox.address(), sandbox);
        }
        case Route.Domain own -> domains.remove(own.domain(), own);
        case Route.Egress one -> egress.remove(one.address(), one);
        case Route.Site site -> {
          for (String host : site.hosts()) {
            if (hosts.remove(host, site)) {
              anotherClaimant(host, route.key());
            }
          }
        }
      }
    }

    private void anotherClaimant(String host, String notKey) {
      for (Route other : keys.values()) {
        if (other instanceof Route.Site site
            && !site.key().equals(notKey)
            && site.hosts().contains(host)) {
          hosts.put(host, site);
        }
      }
    }
  }

  /**
   * The sandbox that a host label names: by its id without prefix, or else by its slug. The id
   * comes first, so that nobody takes a host over with a slug that looks like an id.
   */
  public Route.@Nullable Sandbox sandbox(String label) {
    Route.Sandbox named = index.ids.get(label);
    return named == null ? index.slugs.get(label) : named;
  }

  private static String bare(String id) {
    return id.substring(id.indexOf('_') + 1);
  }

  /** The deployment that answers for this host. */
  public Route.@Nullable Site site(String host) {
    return index.hosts.get(host);
  }

  /** A sandbox's port by a name below an organization's own domain. */
  public record Preview(Target.SandboxPort target, String org) {}

  /** What this host names below an organization's own domain; null when nothing. */
  public @Nullable Preview preview(String host) {
    int dot = host.indexOf('.');
    if (dot < 0 || !host.startsWith(BELOW, dot)) {
      return null;
    }
    Route.Domain own = index.domains.get(host.substring(dot + BELOW.length()));
    return own != null && Hosts.sandbox(host.substring(0, dot)) instanceof Target.SandboxPort port
        ? new Preview(port, own.org())
        : null;
  }

  /** The sandbox that this names, when it is of the organization whose domain it is. */
  public Route.@Nullable Sandbox sandbox(Preview preview) {
    Route.Sandbox named = sandbox(preview.target().slug());
    return named != null && named.org().equals(preview.org()) ? named : null;
  }

  /** What is decided by for calls from this address; null when nothing is known. */
  public Route.@Nullable Egress egress(String address) {
    return index.egress.get(address);
  }

  /** Whether a sandbox runs at this address. */
  public boolean isRunning(String address) {
    return index.running.containsKey(address);
  }

  /**
   * Is told the address whose calls are decided anew or whose sandbox has left, or an empty text
   * for all.
   */
  public void onEgressChange(Consumer<String> listener) {
    egressListener = listener;
  }

  /** Whether connections to this owner may be used or made. */
  public boolean isLive(Owner owner) {
    return owner.equals(Owner.API) || index.owners.contains(owner);
  }

  /** Whether this port of a sandbox answers nobody now. */
  public boolean isClosed(Owner owner, int port) {
    Route.Sandbox sandbox = index.ids.get(bare(owner.id()));
    return sandbox != null
        && sandbox.sandboxId().equals(owner.id())
        && sandbox.closed(port) != null;
  }

  /** The route with this key. */
  @Nullable Route route(String key) {
    return index.keys.get(key);
  }

  Collection<Route> all() {
    return index.keys.values();
  }

  synchronized Departed replaceAll(List<Route> routes) {
    Index old = index;
    Index fresh = new Index();
    routes.forEach(fresh::put);
    index = fresh;
    Departed departed = new Departed();
    old.keys.values().forEach(route -> departed.add(route, fresh.owners));
    egressListener.accept("");
    return departed;
  }

  synchronized Departed put(Route route) {
    Index now = index;
    Route before = now.keys.get(route.key());
    now.put(route);
    Departed departed = new Departed();
    if (before != null && !before.equals(route)) {
      retire(now, before, route, departed);
    }
    tellEgress(before);
    tellEgress(route);
    tellLeft(before, route.owners());
    return departed;
  }

  synchronized Departed remove(String key) {
    Index now = index;
    Departed departed = new Departed();
    Route before = now.keys.remove(key);
    if (before != null) {
      now.forget(before);
      now.owners.removeAll(before.owners());
      departed.add(before, Set.of());
      tellEgress(before);
      tellLeft(before, Set.of());
    }
    return departed;
  }

  private void tellEgress(@Nullable Route route) {
    if (route instanceof Route.Egress egress) {
      egressListener.accept(egress.address());
    }
  }

  private void tellLeft(@Nullable Route before, Set<Owner> still) {
    if (before instanceof Route.Sandbox sandbox && !still.containsAll(sandbox.owners())) {
      egressListener.accept(sandbox.address());
    }
  }

  /** A sandbox runs again; null when the route has gone or is newer than the answer. */
  synchronized @Nullable Departed woken(String key, String address, long incarnation) {
    if (index.keys.get(key) instanceof Route.Sandbox sandbox
        && sandbox.state() != Route.State.DESTROYED
        && sandbox.incarnation() <= incarnation) {
      return put(sandbox.woken(address, incarnation));
    }
    return null;
  }

  private static void retire(Index now, Route before, Route after, Departed departed) {
    Set<Owner> kept = after.owners();
    Set<Owner> gone = new HashSet<>(before.owners());
    gone.removeAll(kept);
    now.owners.removeAll(gone);
    departed.add(before, kept);
    switch (before) {
      case Route.Sandbox sandbox -> {
        now.running.remove(sandbox.address(), sandbox);
        if (!(after instanceof Route.Sandbox same && same.slug().equals(sandbox.slug()))) {
          now.slugs.remove(sandbox.slug(), sandbox);
        }
      }
      case Route.Site site -> now.forget(site);
      case Route.Domain own -> now.forget(own);
      case Route.Egress one -> now.forget(one);
    }
  }
}

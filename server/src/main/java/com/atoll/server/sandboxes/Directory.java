package com.atoll.server.sandboxes;

import com.atoll.model.Principal;
import com.atoll.model.SandboxState;
import com.atoll.server.routes.Route;
import com.atoll.server.routes.Routes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The living sandboxes in memory, so that a command costs no query, and their routes, which follow
 * each change. Filled from the database at start and by every committed change.
 */
final class Directory {
  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
  private static final int GRAVES = 20_000;

  /**
   * A living sandbox.
   *
   * @param ports null while they could not be asked for: none of them answers anybody
   */
  private record Entry(Sandbox sandbox, @Nullable Ports ports) {}

  private final Routes routes;
  private final Function<Sandbox, @Nullable Integer> templatePort;
  private final Guards guards;
  private final SandboxPorts ports;
  private final Map<String, Entry> byId = new HashMap<>();
  private final Map<String, String> bySlug = new HashMap<>();

  /** The last ones that were destroyed: a late change brings none of them back. */
  private final Map<String, Boolean> destroyed =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > GRAVES;
        }
      };

  private long revision;
  private volatile boolean loaded;
  private volatile Consumer<String> follower = id -> {};
  private volatile Predicate<Sandbox> openInside = sandbox -> false;

  Directory(
      Routes routes,
      Function<Sandbox, @Nullable Integer> templatePort,
      Guards guards,
      SandboxPorts ports) {
    this.guards = guards;
    this.ports = ports;
    this.routes = routes;
    this.templatePort = templatePort;
  }

  /** The living sandbox with this id or slug that the principal may see. */
  synchronized Optional<Sandbox> find(Principal principal, String reference) {
    String id = bySlug.getOrDefault(reference, reference);
    Entry entry = byId.get(id);
    if (entry == null || !visible(principal, entry.sandbox)) {
      return Optional.empty();
    }
    return Optional.of(entry.sandbox);
  }

  /** The living sandbox with this id, whoever owns it. */
  synchronized Optional<Sandbox> byId(String id) {
    return Optional.ofNullable(byId.get(id)).map(Entry::sandbox);
  }

  /** The living sandbox with this id or slug, whoever owns it. */
  synchronized Optional<Sandbox> anybodys(String reference) {
    return byId(bySlug.getOrDefault(reference, reference));
  }

  /** All living sandboxes. */
  synchronized List<Sandbox> all() {
    return byId.values().stream().map(Entry::sandbox).toList();
  }

  /**
   * Takes a committed change in. An older one than is known is dropped.
   *
   * @return the version of the route table that has it
   */
  long put(Sandbox sandbox) {
    // Before anybody reaches it: its source may not have been open to all who know its address.
    return put(sandbox, isNewFork(sandbox) ? asked(sandbox.id()) : Ports.NONE);
  }

  /** Its row is stored and its machine runs, whatever becomes of this question. */
  private @Nullable Ports asked(String id) {
    try {
      return ports.of(id);
    } catch (RuntimeException away) {
      LOG.warn("What is said of the ports of {} is asked for later: {}", id, away.getMessage());
      return null;
    }
  }

  /** Asks for the ports that could not be asked for. */
  void askAgain() {
    for (String id : unasked()) {
      Ports said = asked(id);
      if (said != null) {
        putFirst(id, said);
      }
    }
  }

  /** What was said of them meanwhile is newer. */
  private synchronized void putFirst(String id, Ports said) {
    Entry known = byId.get(id);
    if (known != null && known.ports == null) {
      put(id, said);
    }
  }

  private synchronized List<String> unasked() {
    return byId.values().stream()
        .filter(entry -> entry.ports == null)
        .map(entry -> entry.sandbox.id())
        .toList();
  }

  /** Takes one in at the start; what is said of its ports comes before gateways hear of any. */
  void load(Sandbox sandbox) {
    put(sandbox, Ports.NONE);
  }

  private synchronized boolean isNewFork(Sandbox sandbox) {
    return sandbox.sourceSandboxId() != null
        && sandbox.state() != SandboxState.DESTROYED
        && !byId.containsKey(sandbox.id());
  }

  private synchronized long put(Sandbox sandbox, @Nullable Ports first) {
    if (destroyed.containsKey(sandbox.id())) {
      return 0;
    }
    Entry known = byId.get(sandbox.id());
    if (known != null && known.sandbox.version() > sandbox.version()) {
      return 0;
    }
    if (known != null) {
      bySlug.remove(known.sandbox.slug());
    }
    if (sandbox.state() == SandboxState.DESTROYED) {
      byId.remove(sandbox.id());
      destroyed.put(sandbox.id(), true);
      guards.changed(sandbox);
      follower.accept(sandbox.id());
      return routes.remove(key(sandbox.id()), ++revision);
    }
    bySlug.put(sandbox.slug(), sandbox.id());
    Entry entry = new Entry(sandbox, known == null ? first : known.ports);
    byId.put(sandbox.id(), entry);
    guards.changed(sandbox);
    follower.accept(sandbox.id());
    return publish(entry);
  }

  /**
   * Takes in which ports of a sandbox are exposed and private; the same ones again make the
   * gateways forget their grants.
   *
   * @return the version of the route table that has it
   */
  synchronized long put(String id, Ports ports) {
    Entry known = byId.get(id);
    if (known == null) {
      return 0;
    }
    Entry entry = new Entry(known.sandbox, ports);
    byId.put(id, entry);
    long version = publish(entry);
    return ports.equals(known.ports) ? routes.resend(key(id)) : version;
  }

  /** Tells the ids of sandboxes that change from now on to one who never blocks. */
  void follow(Consumer<String> told) {
    follower = told;
  }

  /** Says which sandboxes are reached at every port, also one that listens on loopback alone. */
  void openInside(Predicate<Sandbox> which) {
    openInside = which;
  }

  /** Says that every living sandbox was put in. */
  void loaded() {
    loaded = true;
  }

  /** Whether every living sandbox was put in. */
  boolean isLoaded() {
    return loaded;
  }

  /** Has the guards of these sandboxes compared with the policies. */
  synchronized void recheck(Predicate<Sandbox> which) {
    byId.values().stream().map(Entry::sandbox).filter(which).forEach(guards::changed);
  }

  /** Publishes every route again, when what templates say has changed. */
  synchronized void republish() {
    byId.values().forEach(this::publish);
  }

  /**
   * Has gateways ask for a sandbox that is about to leave its address, until {@link #stays} or its
   * next change.
   *
   * @return the version of the route table that has it
   */
  synchronized long leaves(String id) {
    Entry known = byId.get(id);
    return known == null ? 0 : routes.put(route(known, false), ++revision);
  }

  /** It has not left. */
  synchronized void stays(String id) {
    Entry known = byId.get(id);
    if (known != null) {
      publish(known);
    }
  }

  private long publish(Entry entry) {
    return routes.put(route(entry, hasAddress(entry.sandbox)), ++revision);
  }

  /** A row is committed before its address is known: until then a gateway asks and waits for it. */
  private static boolean hasAddress(Sandbox sandbox) {
    String address = sandbox.address();
    return sandbox.state() == SandboxState.RUNNING && address != null && !address.isEmpty();
  }

  private Route route(Entry entry, boolean running) {
    Sandbox sandbox = entry.sandbox;
    Ports known = entry.ports;
    boolean said = known != null;
    Ports ports = known == null ? Ports.NONE : known;
    TreeSet<Integer> exposed = new TreeSet<>(ports.exposed());
    Integer declared = said ? templatePort.apply(sandbox) : null;
    if (declared != null) {
      exposed.add(declared);
    }
    return new Route.Sandbox(
        key(sandbox.id()),
        sandbox.slug(),
        sandbox.id(),
        running ? "running" : "paused",
        running ? sandbox.address() : null,
        sandbox.incarnation(),
        List.copyOf(exposed),
        !said,
        said && openInside.test(sandbox),
        List.copyOf(new TreeSet<>(ports.restricted())),
        closed(ports),
        sandbox.createdAt().toInstant().toEpochMilli(),
        sandbox.org().value());
  }

  /** In one order, so that the same ports make the same route. */
  private static List<Route.Closing> closed(Ports ports) {
    return new TreeMap<>(ports.closing())
        .entrySet().stream()
            .map(each ->
                new Route.Closing(
                    each.getKey(), each.getValue().atUnixMs(), each.getValue().expired()))
            .toList();
  }

  private static boolean visible(Principal principal, Sandbox sandbox) {
    String user = principal.externalUser();
    String workspace = principal.workspace();
    Set<String> only = principal.sandboxes();
    return sandbox.org().equals(principal.org())
        && (user == null || user.equals(sandbox.owner().externalUserId()))
        && (workspace == null || workspace.equals(sandbox.owner().workspaceId()))
        && (only == null || only.contains(sandbox.id()));
  }

  static String key(String id) {
    return "sandbox/" + id;
  }
}

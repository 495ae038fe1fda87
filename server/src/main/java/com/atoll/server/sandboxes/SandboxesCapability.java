package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.SandboxState;
import com.atoll.platform.Installation;
import com.atoll.server.events.EventsApi;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Identity;
import com.atoll.server.live.LiveFeeds;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.policies.Policies;
import com.atoll.server.routes.PreviewHosts;
import com.atoll.server.routes.RouteRequests.Woken;
import com.atoll.server.routes.Routes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sandboxes: the rows, the life, the operations. */
public final class SandboxesCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxesCapability.class);
  private static final int USUAL_PORT = 3000;
  private static final long RETRY_MS = 200;
  private static final long FLUSH_SECONDS = 20;

  private final Rows rows;
  private final Directory directory;
  private final Lifecycle lifecycle;
  private final Activity activity = new Activity();
  private final Gate gate = new Gate();
  private final SandboxService service;
  private final SnapshotForks forks;
  private final Crowd crowd;
  private final NodeWatch watch;
  private final Batches batches;
  private final Probes probes;
  private final LiveFeeds live;
  private final Afterwork afterwork;
  private final Routes.Loading loading;
  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private volatile Predicate<Sandbox> wokenByTraffic = sandbox -> true;
  private final List<Runnable> afterLoad = new CopyOnWriteArrayList<>();
  private final Closing closing = new Closing();
  private final Contact contact;
  private volatile Forks.@Nullable Sources snapshots;

  /** Those that are named later; until then there are no snapshots. */
  private final Forks.Sources sources =
      new Forks.Sources() {
        @Override
        public Sandbox of(Principal principal, String snapshotId) {
          Forks.Sources known = snapshots;
          if (known == null) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "snapshot " + snapshotId);
          }
          return known.of(principal, snapshotId);
        }

        @Override
        public boolean broughtBack(OrganizationId org, String snapshotId) {
          Forks.Sources known = snapshots;
          return known != null && known.broughtBack(org, snapshotId);
        }
      };

  private final Planner planner;

  /**
   * Wires sandboxes.
   *
   * @param templates what sandboxes start from
   * @param hosts domains of the links
   * @param policies what their owners may do
   */
  public SandboxesCapability(
      Installation installation,
      Store store,
      Vault vault,
      Identity identity,
      NodeClient node,
      NodeWatch watch,
      Routes routes,
      PreviewHosts hosts,
      Guards guards,
      EventsApi events,
      SandboxVolumes volumes,
      SandboxServices services,
      SandboxPorts ports,
      TemplateBook templates,
      Policies policies) {
    this.watch = watch;
    loading = routes.source();
    SandboxStore table = new SandboxStore();
    ToIntFunction<Sandbox> defaultPort =
        sandbox -> {
          Integer declared = templates.previewPort(sandbox.org(), sandbox.templateId());
          return declared == null ? USUAL_PORT : declared;
        };
    IdLocks locks = new IdLocks();
    Machine machine = new Machine(node);
    directory =
        new Directory(
            routes,
            sandbox -> templates.previewPort(sandbox.org(), sandbox.templateId()),
            guards,
            ports);
    afterwork = new Afterwork(store, table, node);
    Apps apps = new Apps();
    probes =
        new Probes(store, vault, new ProbeStore(), table, directory, afterwork, node, defaultPort);
    SandboxViews views =
        new SandboxViews(installation, hosts, defaultPort, activity, probes, templates);
    Setup setup = new Setup(node, new Clones(node, directory, probes));
    Starts starts = new Starts(store, vault, setup);
    Envs envs = new Envs(vault, table);
    rows =
        new Rows(
            store, envs, table, directory, volumes, services, ports, apps, probes, starts,
            afterwork, guards, gate, templates);
    Creation creation =
        new Creation(
            node, rows, setup, starts, services, templates, guards, afterwork, probes, sources,
            gate);
    lifecycle = new Lifecycle(node, rows, creation, starts, directory, routes, locks, gate);
    contact = new Contact(store, node);
    contact.compareBy(watch::reconcileSoon);
    ToldChanges told = new ToldChanges(store, node, table, rows);
    service =
        new SandboxService(
            store,
            node,
            identity,
            table,
            rows,
            directory,
            creation,
            lifecycle,
            afterwork,
            activity,
            views,
            defaultPort,
            volumes,
            templates,
            apps,
            told);
    planner = new Planner(machine, templates, policies);
    Owners owners = new Owners(store, identity);
    watch.add(
        new Reconciler(
            node, rows, directory, creation, lifecycle, locks, guards, afterwork, told, contact,
            starts));
    Keepsakes keepsakes = new Keepsakes(store, envs, ports, guards, services);
    StandIns standIns = new StandIns(machine, owners, table, keepsakes, services);
    forks = new SnapshotForks(service, rows, owners, planner, keepsakes, views, standIns, volumes);
    operations.addAll(
        new SandboxesApi(service, planner, owners, views, forks, sources, probes).operations());
    operations.addAll(
        new RunApi(service, planner, owners, views, machine, node, probes).operations());
    live = new LiveFeeds(node, this::runs);
    directory.follow(live::changed);
    operations.add(SandboxEvents.operation(service, events, live));
    operations.addAll(
        new SandboxStatesApi(service, lifecycle, planner, views, probes).operations());
    operations.addAll(new SandboxShapeApi(service, planner, views, machine).operations());
    operations.addAll(new SandboxEnvApi(service).operations());
    crowd = new Crowd(store, identity, table, directory, lifecycle, afterwork);
    batches = new Batches(store, vault, planner, creation, rows, templates);
    operations.addAll(new BatchApi(batches, owners).operations());
    operations.addAll(new AgentApi(service).operations());
  }

  /** What other capabilities may ask of sandboxes. */
  public Sandboxes sandboxes() {
    return service;
  }

  /** How many of them are dealt with at once. */
  public SandboxCrowd crowd() {
    return crowd;
  }

  /** Ends a sandbox as a DELETE by its owner does. */
  public void remove(Principal owner, String id) {
    service.destroy(owner, id);
  }

  /** How snapshots become sandboxes. */
  public Forks forks() {
    return forks;
  }

  /** Says which paused sandboxes requests to their ports wake; all when nobody says. */
  public void wokenByTraffic(Predicate<Sandbox> which) {
    wokenByTraffic = which;
  }

  /** Says which sandboxes are reached at every port, also one that listens on loopback alone. */
  public void openInside(Predicate<Sandbox> which) {
    directory.openInside(which);
  }

  /**
   * Says how many seconds a sandbox runs at least that was woken by its use, as far as policies
   * allow; 0 for those that have just their own time again.
   */
  public void leastLife(ToIntFunction<Sandbox> seconds) {
    lifecycle.leastLife(sandbox -> {
      int least = seconds.applyAsInt(sandbox);
      return least == 0 ? 0 : planner.lifetime(sandbox, least);
    });
  }

  /** Who says whether a sandbox may run; until somebody does, all may. */
  public void admission(Admission keeper) {
    gate.keeper(keeper);
  }

  /** Where forks that name a snapshot find it. */
  public void snapshots(Forks.Sources found) {
    snapshots = found;
  }

  private boolean runs(String id) {
    return directory.byId(id).filter(now -> now.state() == SandboxState.RUNNING).isPresent();
  }

  /** Does this once every living sandbox is known, before gateways hear of any. */
  public void afterLoad(Runnable action) {
    afterLoad.add(action);
  }

  /** Publishes the routes again, because templates have changed. */
  public void templatesChanged() {
    directory.republish();
  }

  /** How many sandboxes an organization has, for its usage. */
  public static Map<String, Integer> count(Tx tx) {
    Record row =
        tx.sql()
            .fetchSingle(
                """
                select count(*) as sandboxes,
                  count(*) filter (where state = 'running') as running_sandboxes
                from sandboxes where org = ? and state <> 'destroyed'\
                """,
                tx.org().value());
    return Map.of(
        "sandboxes", row.get("sandboxes", Integer.class),
        "running_sandboxes", row.get("running_sandboxes", Integer.class));
  }

  /** Brings a sandbox back for a gateway. */
  public Woken wake(String sandboxId) {
    Optional<Sandbox> known = directory.byId(sandboxId);
    if (known.isEmpty()) {
      return Woken.refused(ErrorCode.SANDBOX_DESTROYED.code(), "This sandbox does not exist.");
    }
    Sandbox sandbox = known.get();
    if (sandbox.state() == SandboxState.PAUSED && !wokenByTraffic.test(sandbox)) {
      return Woken.refused(
          ErrorCode.SANDBOX_NOT_RUNNING.code(),
          "The sandbox is paused, and requests to its ports do not wake it.");
    }
    try {
      Sandbox awake = lifecycle.wake(sandbox);
      activity.touch(sandboxId);
      String address = awake.address();
      return awake.state() == SandboxState.RUNNING && address != null && !address.isEmpty()
          ? Woken.at(address, awake.incarnation())
          : Woken.refused(ErrorCode.SANDBOX_NOT_RUNNING.code(), "The sandbox does not run.");
    } catch (AtollException refused) {
      return Woken.refused(refused.code().code(), refused.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("Sandbox {} could not be woken.", sandboxId, failed);
      return Woken.refused(ErrorCode.INTERNAL_ERROR.code(), "The sandbox could not be woken.");
    }
  }

  /** Whether the app of its template is started with a living sandbox, to listen at this port. */
  public boolean startsAppAt(String sandboxId, int port) {
    return service.startsAppAt(sandboxId, port);
  }

  /** Traffic reached these sandboxes. */
  public void touched(List<String> sandboxIds) {
    service.touched(sandboxIds);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void start() {
    afterwork.start();
    Thread.ofVirtual().name("sandboxes-load").start(this::work);
  }

  private void work() {
    while (!closing.within(0) && !load()) {
      if (closing.within(RETRY_MS)) {
        return;
      }
    }
    loading.done();
    watch.start();
    Thread.ofVirtual().name("sandboxes-contact").start(this::stayInContact);
    while (!closing.within(FLUSH_SECONDS * 1000)) {
      try {
        rows.touched(activity.drain());
      } catch (RuntimeException away) {
        LOG.debug("The last activity was not written down.", away);
      }
    }
  }

  private void stayInContact() {
    do {
      contact.look();
    } while (!closing.within(Contact.INTERVAL_MS));
  }

  private boolean load() {
    try {
      rows.load();
      afterLoad.forEach(Runnable::run);
      batches.resume();
      return true;
    } catch (RuntimeException failed) {
      if (SqlFaults.isAway(failed)) {
        LOG.debug("The database is not there yet: {}", failed.getMessage());
      } else {
        LOG.warn("The sandboxes could not be read; it is tried again.", failed);
      }
      return false;
    }
  }

  @Override
  public void close() {
    closing.close();
    live.close();
    batches.close();
    probes.close();
    afterwork.close();
    watch.close();
  }
}

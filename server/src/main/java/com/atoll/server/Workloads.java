package com.atoll.server;

import com.atoll.platform.Installation;
import com.atoll.server.apps.AppsCapability;
import com.atoll.server.budgets.BudgetsCapability;
import com.atoll.server.bulk.BulkCapability;
import com.atoll.server.catalog.CatalogCapability;
import com.atoll.server.checks.ChecksCapability;
import com.atoll.server.code.CodeCapability;
import com.atoll.server.code.Interpreters;
import com.atoll.server.commands.CommandsCapability;
import com.atoll.server.deployments.DeploymentsCapability;
import com.atoll.server.domains.PreviewDomainsCapability;
import com.atoll.server.drains.DrainsCapability;
import com.atoll.server.e2b.E2bCapability;
import com.atoll.server.egress.Book;
import com.atoll.server.egress.EgressCapability;
import com.atoll.server.events.EventsApi;
import com.atoll.server.files.FilesCapability;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Gate;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.identity.Identity;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.meters.MetersCapability;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.policies.Policies;
import com.atoll.server.policies.PolicySetter;
import com.atoll.server.previews.PreviewsCapability;
import com.atoll.server.routes.PreviewHosts;
import com.atoll.server.routes.RouteRequests;
import com.atoll.server.routes.Routes;
import com.atoll.server.routes.RoutesCapability;
import com.atoll.server.routes.TrafficReport;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.SandboxesCapability;
import com.atoll.server.secrets.Vault;
import com.atoll.server.services.ServicesCapability;
import com.atoll.server.services.Supervisor;
import com.atoll.server.snapshots.SnapshotsCapability;
import com.atoll.server.ssh.SshCapability;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.templates.TemplatesCapability;
import com.atoll.server.testmode.Kind;
import com.atoll.server.testmode.TestModeCapability;
import com.atoll.server.tokens.Tokens;
import com.atoll.server.traffic.TrafficCapability;
import com.atoll.server.usage.Usage;
import com.atoll.server.volumes.VolumesCapability;
import java.util.List;
import java.util.Map;

/** The part of the control plane that deals with machines: sandboxes and what belongs to them. */
final class Workloads implements AutoCloseable {
  private final NodeClient node;
  private final NodeWatch watch;
  private final Routes routes = new Routes();
  private final SandboxesCapability sandboxes;
  private final PreviewsCapability previews;
  private final EgressCapability egress;
  private final BulkCapability bulk;
  private final BudgetsCapability budgets;
  private final TrafficCapability traffic;
  private final DrainsCapability drains;
  private final TestModeCapability testMode;
  private final List<Capability> capabilities;

  Workloads(
      Installation installation,
      Store store,
      Vault vault,
      Identity identity,
      Policies policies,
      PolicySetter policySetter,
      EventsApi events,
      Usage usage,
      Outbound outbound,
      Tokens tokens,
      InnerCalls inner,
      Gate gate) {
    node = NodeClient.of(installation);
    watch = new NodeWatch(node);
    Book book = new Book(store, node, routes);
    PreviewHosts hosts = new PreviewHosts(installation, routes);
    TemplatesCapability templates =
        new TemplatesCapability(installation, store, vault, node, watch);
    Supervisor supervisor = new Supervisor(store, vault, node);
    sandboxes =
        new SandboxesCapability(
            installation,
            store,
            vault,
            identity,
            node,
            watch,
            routes,
            hosts,
            book,
            events,
            VolumesCapability.ofSandboxes(store),
            supervisor,
            PreviewsCapability.ofSandboxes(store),
            templates.book(),
            policies);
    templates.onChange(sandboxes::templatesChanged);
    sandboxes.afterLoad(() -> supervisor.load(sandboxes.sandboxes()::living));
    bulk = new BulkCapability(store, sandboxes.crowd(), policySetter);
    sandboxes.afterLoad(bulk::resume);
    budgets = new BudgetsCapability(store, usage, sandboxes.sandboxes());
    sandboxes.admission(budgets.admission());
    sandboxes.wokenByTraffic(E2bCapability::isWokenByTraffic);
    sandboxes.openInside(E2bCapability::isOpenInside);
    sandboxes.leastLife(E2bCapability::leastLife);
    previews =
        new PreviewsCapability(store, sandboxes.sandboxes(), node, tokens::opens, tokens::living);
    sandboxes.afterLoad(previews::load);
    book.follow(sandboxes.sandboxes());
    sandboxes.afterLoad(book::load);
    traffic = new TrafficCapability(store, usage);
    egress = new EgressCapability(installation, store, vault, watch, sandboxes.sandboxes(), book);
    SnapshotsCapability snapshots =
        new SnapshotsCapability(
            installation, store, identity, node, watch, sandboxes.sandboxes(), sandboxes.forks());
    sandboxes.snapshots(snapshots.sources());
    drains =
        new DrainsCapability(installation, store, vault, outbound, sandboxes.sandboxes(), node);
    VolumesCapability volumes =
        new VolumesCapability(
            store, identity, node, watch, sandboxes.sandboxes(), budgets.storage());
    DeploymentsCapability deployments =
        new DeploymentsCapability(
            installation, store, vault, node, watch, routes, sandboxes.sandboxes());
    testMode =
        new TestModeCapability(
            store,
            Map.of(
                Kind.DEPLOYMENTS, deployments::remove,
                Kind.SNAPSHOTS, snapshots::remove,
                Kind.SANDBOXES, sandboxes::remove,
                Kind.VOLUMES, volumes::remove,
                Kind.TEMPLATES, templates::remove));
    Interpreters interpreters = new Interpreters(node);
    capabilities =
        List.of(
            templates,
            sandboxes,
            new CommandsCapability(sandboxes.sandboxes(), node),
            new ServicesCapability(sandboxes.sandboxes(), supervisor),
            new SshCapability(store, vault, sandboxes.sandboxes(), node),
            new AppsCapability(sandboxes.sandboxes(), node),
            new MetersCapability(sandboxes.sandboxes(), node, store, usage.prices()),
            new CodeCapability(sandboxes.sandboxes(), interpreters),
            new FilesCapability(sandboxes.sandboxes(), node, store, vault, gate, tokens::living),
            new E2bCapability(
                sandboxes.sandboxes(), node, interpreters, vault, inner, gate, volumes),
            previews,
            egress,
            bulk,
            budgets,
            new CatalogCapability(store, node, templates, usage.prices()),
            new ChecksCapability(installation, store, outbound),
            snapshots,
            volumes,
            deployments,
            testMode,
            drains,
            new PreviewDomainsCapability(installation, store, hosts, routes),
            traffic,
            new RoutesCapability(
                installation, routes, requests(sandboxes, supervisor, previews, egress, traffic)));
  }

  private static RouteRequests requests(
      SandboxesCapability sandboxes,
      Supervisor supervisor,
      PreviewsCapability previews,
      EgressCapability egress,
      TrafficCapability traffic) {
    return new RouteRequests() {
      @Override
      public Woken wake(String sandboxId) {
        return sandboxes.wake(sandboxId);
      }

      @Override
      public Granted grant(String sandboxId, int port, String token) {
        return previews.grant(sandboxId, port, token);
      }

      @Override
      public String browser(String sandboxId) {
        return previews.browser(sandboxId);
      }

      @Override
      public boolean listens(String sandboxId, int port) {
        return supervisor.listens(
            () -> sandboxes.sandboxes().living(sandboxId),
            port,
            sandboxes.startsAppAt(sandboxId, port));
      }

      @Override
      public void activity(List<String> sandboxIds) {
        sandboxes.touched(sandboxIds);
      }

      @Override
      public Injected secret(String secretId, String sandboxId) {
        return egress.secret(secretId, sandboxId);
      }

      @Override
      public void authority(String pem) {
        egress.authority(pem);
      }

      @Override
      public void traffic(TrafficReport report) {
        traffic.write(report);
      }

      @Override
      public void egress(List<EgressCall> calls) {
        egress.record(calls);
      }
    };
  }

  /** Removes what is bound to a workspace with it. */
  void ends(Tx tx, String workspace) {
    budgets.ends(tx, workspace);
    egress.ends(tx, workspace);
  }

  /** Deletes what is no longer needed. */
  void sweep() {
    egress.sweep();
    bulk.sweep();
    budgets.sweep();
    traffic.sweep();
    drains.sweep();
  }

  /** Makes the gateways ask again what opens the ports of a sandbox. */
  void forgetGrants(String sandboxId) {
    previews.forgetGrants(sandboxId);
  }

  List<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public void close() {
    node.close();
  }

  TestModeCapability testMode() {
    return testMode;
  }

  NodeClient node() {
    return node;
  }

  NodeWatch watch() {
    return watch;
  }

  Routes routes() {
    return routes;
  }

  Sandboxes sandboxes() {
    return sandboxes.sandboxes();
  }
}

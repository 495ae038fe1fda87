package com.atoll.server.deployments;

import com.atoll.model.Principal;
import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.IdentityApi;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.routes.Routes;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deployments: the rows, the publishes, the operations. */
public final class DeploymentsCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentsCapability.class);
  private static final long RETRY_MS = 200;

  private final Routes.Loading loading;
  private final NodeWatch watch;
  private final Reconciler reconciler;
  private final DeploymentService deployments;
  private final Publications publications;
  private final Logs logs;
  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final Closing closing = new Closing();

  /** Wires deployments; nothing is done before {@link #start}. */
  public DeploymentsCapability(
      Installation installation,
      Store store,
      Vault vault,
      NodeClient node,
      NodeWatch watch,
      Routes routes,
      Sandboxes sandboxes) {
    loading = routes.source();
    this.watch = watch;
    Tables tables = Tables.of(store, vault);
    Addresses addresses = new Addresses(installation);
    Views views = new Views(tables, addresses);
    RouteBook book = new RouteBook(tables, addresses, routes);
    Identity identity = IdentityApi.identity();
    Locks locks = new Locks();
    Sightings sightings = new Sightings(tables, book, node);
    Fleet fleet = new Fleet(tables, node, sightings);
    Drain drain = new Drain(tables, routes, fleet, locks);
    Switch serving = new Switch(tables, book, addresses, fleet, drain, locks);
    Leftovers leftovers = new Leftovers(tables, node, fleet, locks);
    publications =
        new Publications(tables, new Publisher(tables, node, sandboxes, serving), leftovers);
    reconciler =
        new Reconciler(
            tables, node, book, fleet, drain, sightings, leftovers, publications, serving, locks);
    watch.add(reconciler);
    logs = new Logs(tables, fleet);
    deployments = new DeploymentService(tables, book, views, leftovers, identity);
    PublishService publishing =
        new PublishService(
            tables, deployments, publications, new Drafts(tables), sandboxes, addresses, views);
    ServingService served = new ServingService(tables, deployments, serving);
    DomainService domains = new DomainService(tables, addresses, book, views);
    operations.addAll(
        new DeploymentsApi(tables, deployments, served, views, identity).operations());
    operations.addAll(new PublishApi(tables, publishing, served, views).operations());
    operations.addAll(new RuntimeApi(tables, views, logs).operations());
    operations.addAll(new EnvApi(tables).operations());
    DomainVerification verification =
        new DomainVerification(tables, book, new DomainProof(installation));
    operations.addAll(new DomainsApi(tables, domains, verification, views).operations());
    operations.addAll(Unbuilt.operations());
  }

  /** Deletes a deployment with all its versions, as a DELETE by its owner does. */
  public void remove(Principal owner, String id) {
    var _ = deployments.delete(owner, id);
  }

  /** How many deployments an organization has now. */
  public static Map<String, Integer> count(Tx tx) {
    return Map.of(
        "deployments",
        tx.sql()
            .fetchSingle("select count(*) from deployments where deleted_at is null")
            .get(0, Integer.class));
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("deployments-load").start(this::load);
  }

  private void load() {
    while (!closing.within(RETRY_MS)) {
      try {
        reconciler.load();
        loading.done();
        publications.resume();
        // A comparison that came before had no rows to compare with.
        watch.reconcileSoon();
        return;
      } catch (RuntimeException failed) {
        if (SqlFaults.isAway(failed)) {
          LOG.debug("The database is not there yet: {}", failed.getMessage());
        } else {
          LOG.warn("The deployments could not be read; it is tried again.", failed);
        }
      }
    }
  }

  @Override
  public void close() {
    closing.close();
    publications.close();
    logs.close();
  }
}

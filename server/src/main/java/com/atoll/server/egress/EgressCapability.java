package com.atoll.server.egress;

import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.routes.RouteRequests.EgressCall;
import com.atoll.server.routes.RouteRequests.Injected;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;

/** Egress: policies, rules, the audit of calls, secrets. */
public final class EgressCapability implements Capability {
  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final AuditLog audit;
  private final Passing passing;
  private final Policies policies;
  private final Secrets secrets;
  private final SecretEnds ends;
  private final OauthFlows flows;
  private final Book book;

  /** Egress of these sandboxes, as this book says. */
  public EgressCapability(
      Installation installation,
      Store store,
      Vault vault,
      NodeWatch watch,
      Sandboxes sandboxes,
      Book book) {
    this.book = book;
    audit = new AuditLog(store);
    passing = new Passing(audit, sandboxes, book);
    watch.add(passing);
    passing.start();
    Bounds bounds = new Bounds(sandboxes);
    policies = new Policies(store, book);
    operations.addAll(new PoliciesApi(sandboxes, bounds, policies, book).operations());
    operations.addAll(new RulesApi(bounds, policies).operations());
    ClosedAddresses closed = ClosedAddresses.of(installation);
    operations.addAll(new AuditApi(store, sandboxes, audit, closed).operations());
    secrets = new Secrets(store, vault, sandboxes, book);
    ends = new SecretEnds(secrets);
    ends.start();
    operations.addAll(new SecretsApi(bounds, secrets).operations());
    operations.addAll(new ConnectorsApi(sandboxes, bounds, secrets).operations());
    flows =
        new OauthFlows(
            store,
            vault,
            secrets,
            new OauthProviders(installation.home().resolve("secrets/oauth.json")),
            "%s://%s/api/v1/egress/oauth/callback"
                .formatted(installation.linkScheme(), installation.previewDomain()));
    operations.addAll(new OauthApi(bounds, flows).operations());
    operations.addAll(new NetworkPolicyApi(sandboxes, policies, book).operations());
  }

  /** Writes down what egress proxies decided. */
  public void record(List<EgressCall> calls) {
    audit.write(calls);
  }

  /** The header that a secret is in a sandbox's requests. */
  public Injected secret(String secretId, String sandboxId) {
    return secrets.injected(secretId, sandboxId);
  }

  /** The authority that egress proxies open TLS with. */
  public void authority(String pem) {
    book.authority(pem);
  }

  /** Removes what is bound to a workspace with it. */
  public void ends(Tx tx, String workspace) {
    book.ends(tx, workspace);
  }

  /** Deletes what is too old. */
  public void sweep() {
    audit.sweep();
    flows.sweep();
    secrets.sweep();
    policies.sweep();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void close() {
    ends.close();
    passing.close();
    book.close();
  }
}

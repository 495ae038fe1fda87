package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks a custom domain up in DNS, and has it routed from then on or no longer. */
final class DomainVerification {
  private final Tables tables;
  private final RouteBook routes;
  private final DomainProof proof;

  DomainVerification(Tables tables, RouteBook routes, DomainProof proof) {
    this.tables = tables;
    this.routes = routes;
    this.proof = proof;
  }

  private record Checked(Domain domain, RouteBook.@Nullable Page page) {}

  /**
   * Checks a domain, as often as one likes; what is wrong is said in the domain.
   *
   * @param deployment the one that it must show; null for any
   */
  Domain verify(Call call, @Nullable String deployment, String reference) {
    Domain asked =
        tables
            .store()
            .transaction(
                call.principal(),
                tx ->
                    deployment == null
                        ? tables.domains().require(tx, reference)
                        : tables
                            .domains()
                            .require(
                                tx, tables.deployments().require(tx, deployment).id(), reference));
    DomainProof.Finding finding = proof.find(asked);
    if (finding.owned()) {
      tables.domains().requireFree(call.principal().org(), asked.fqdn());
    }
    Checked checked =
        tables.store().transaction(call.principal(), tx -> take(tx, asked.id(), finding));
    if (checked.page() != null) {
      routes.putInForce(checked.page());
    }
    return checked.domain();
  }

  private Checked take(Tx tx, String id, DomainProof.Finding finding) {
    Domain before = tables.domains().locked(tx, id);
    Domain after = tables.domains().checked(tx, before, verdict(before, finding), finding);
    if (after.status().equals(before.status())) {
      return new Checked(after, null);
    }
    return new Checked(after, tell(tx, after));
  }

  /** A resolver that does not answer takes nothing away. */
  private static String verdict(Domain before, DomainProof.Finding finding) {
    if (!finding.answered()) {
      return before.verifiedAt() == null ? "failed" : before.status();
    }
    if (!finding.owned()) {
      return "failed";
    }
    return finding.here() && before.deploymentId() != null ? "active" : "verified";
  }

  private RouteBook.@Nullable Page tell(Tx tx, Domain domain) {
    String what = domain.verifiedAt() == null ? "failed" : "verified";
    Map<String, String> data = Map.of("domain", domain.fqdn());
    String shows = domain.deploymentId();
    Deployment shown = shows == null ? null : tables.deployments().change(tx, shows, "");
    if (shown == null) {
      tx.event(
          "custom_domain." + what, "custom_domain", domain.id(), System.currentTimeMillis(), data);
      return null;
    }
    tables.deployments().tell(tx, shown, "deployment.domain_" + what, data);
    return routes.page(tx, shown);
  }

  /** Refuses a domain that another organization has. */
  static AtollException taken(String fqdn) {
    return AtollException.of(ErrorCode.DOMAIN_TAKEN, fqdn);
  }
}

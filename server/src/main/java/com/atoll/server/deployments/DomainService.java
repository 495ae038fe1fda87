package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Custom domains: kept, and routed once their DNS has said whose they are. */
final class DomainService {
  private final Tables tables;
  private final Addresses addresses;
  private final RouteBook routes;
  private final Views views;

  DomainService(Tables tables, Addresses addresses, RouteBook routes, Views views) {
    this.tables = tables;
    this.addresses = addresses;
    this.routes = routes;
    this.views = views;
  }

  /** A domain that nobody has verified yet. */
  static Domain pending(Addresses addresses, Deployment deployment, String fqdn) {
    Owner owner = deployment.owner();
    return pending(
        addresses,
        owner.org().value(),
        owner.workspace(),
        deployment.id(),
        fqdn,
        owner.externalWorkspace(),
        owner.externalUser(),
        owner.externalProject());
  }

  private static Domain pending(
      Addresses addresses,
      String org,
      @Nullable String workspace,
      @Nullable String deployment,
      String fqdn,
      @Nullable String externalWorkspace,
      @Nullable String externalUser,
      @Nullable String externalProject) {
    return new Domain(
        Ids.next("dom"),
        org,
        workspace,
        deployment,
        fqdn,
        "none",
        "pending",
        externalWorkspace,
        externalUser,
        externalProject,
        UUID.randomUUID().toString().replace("-", ""),
        null,
        null,
        null,
        !addresses.asksForProof(),
        DeploymentService.now(),
        DeploymentService.now());
  }

  DomainView attach(Call call, AddDomain asked) {
    return register(
        call,
        new RegisterDomain(
            asked.domain(),
            "deployment",
            call.path("id"),
            asked.redirectPolicy(),
            asked.externalWorkspaceId(),
            asked.externalUserId(),
            asked.externalProjectId()));
  }

  DomainView register(Call call, RegisterDomain asked) {
    noRedirect(asked.redirectPolicy());
    if (asked.targetType() != null && !asked.targetType().equals("deployment")) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "domains of a " + asked.targetType());
    }
    String fqdn = addresses.domain(asked.fqdn());
    Principal who = call.principal();
    tables.domains().requireFree(who.org(), fqdn);
    record Attached(DomainView view, RouteBook.@Nullable Page page) {}
    Attached attached =
        tables
            .store()
            .transaction(
                who,
                tx -> {
                  Deployment target =
                      asked.targetId() == null
                          ? null
                          : tables.deployments().require(tx, asked.targetId());
                  Domain domain =
                      pending(
                          addresses,
                          who.org().value(),
                          target == null ? who.workspace() : target.owner().workspace(),
                          target == null ? null : target.id(),
                          fqdn,
                          orOwn(asked.externalWorkspaceId(), target, Owner::externalWorkspace),
                          Owner.user(
                              who, orOwn(asked.externalUserId(), target, Owner::externalUser)),
                          orOwn(asked.externalProjectId(), target, Owner::externalProject));
                  tables.domains().insert(tx, domain);
                  DomainView view = views.domain(domain);
                  call.idempotentAnswer(tx, view, domain.id());
                  return new Attached(
                      view, target == null ? null : changed(tx, target, fqdn, "attached"));
                });
    if (attached.page() != null) {
      routes.putInForce(attached.page());
    }
    return attached.view();
  }

  private static @Nullable String orOwn(
      @Nullable String asked,
      @Nullable Deployment target,
      java.util.function.Function<Owner, @Nullable String> own) {
    return asked != null || target == null ? asked : own.apply(target.owner());
  }

  private RouteBook.Page changed(Tx tx, Deployment target, String fqdn, String what) {
    Deployment changed = tables.deployments().changed(tx, target.id(), "");
    tables.deployments().tell(tx, changed, "deployment.domain_" + what, Map.of("domain", fqdn));
    return routes.page(tx, changed);
  }

  static void noRedirect(@Nullable String policy) {
    if (policy != null && !policy.equals("none")) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "redirect_policy " + policy);
    }
  }

  /** Detaches a domain; its host falls silent and is free. */
  void remove(Call call, @Nullable String deployment, String reference) {
    RouteBook.Page page =
        tables
            .store()
            .find(
                call.principal(),
                tx -> {
                  Deployment target =
                      deployment == null ? null : tables.deployments().require(tx, deployment);
                  Domain domain =
                      target == null
                          ? tables.domains().require(tx, reference)
                          : tables.domains().require(tx, target.id(), reference);
                  tables.domains().delete(tx, domain.id());
                  Deployment shown =
                      domain.deploymentId() == null
                          ? null
                          : tables.deployments().byId(tx, domain.deploymentId());
                  return shown == null || shown.deleted()
                      ? null
                      : changed(tx, shown, domain.fqdn(), "detached");
                });
    if (page != null) {
      routes.putInForce(page);
    }
  }
}

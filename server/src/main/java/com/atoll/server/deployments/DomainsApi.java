package com.atoll.server.deployments;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Custom domains, of a deployment and all of them. */
final class DomainsApi {
  private final Tables tables;
  private final DomainService domains;
  private final DomainVerification verification;
  private final Views views;

  DomainsApi(Tables tables, DomainService domains, DomainVerification verification, Views views) {
    this.tables = tables;
    this.domains = domains;
    this.verification = verification;
    this.views = views;
  }

  /** Body of a change. */
  record Change(
      @Doc(
              value = "none (default), www_to_apex or apex_to_www; only none in this release.",
              pattern = "none|www_to_apex|apex_to_www")
          @Nullable String redirectPolicy) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/deployments/:id/domains")
            .id("deployments.domains.add")
            .summary("Attaches a host name to a deployment.")
            .priority("P1")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.KEY)
            .request(AddDomain.class)
            .response(DomainView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(
                ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.DOMAIN_TAKEN, ErrorCode.NOT_IMPLEMENTED)
            .handle((call, body) -> domains.attach(call, body)),
        Operation.get("/deployments/:id/domains")
            .id("deployments.domains.list")
            .summary("Lists the host names of a deployment.")
            .priority("P1")
            .scope(DeploymentsApi.READ)
            .query("external_workspace_id", "Only those with this attribution.")
            .query("external_user_id", "Only those with this attribution.")
            .query("external_project_id", "Only those with this attribution.")
            .list(DomainView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call ->
                tables
                    .store()
                    .transaction(
                        call.principal(),
                        tx -> {
                          Deployment d = tables.deployments().require(tx, call.path("id"));
                          return tables
                              .domains()
                              .list(tx, wanted(call, d.id(), null, null), call.paging())
                              .map(views::domain);
                        })),
        Operation.patch("/deployments/:id/domains/:domain_id")
            .id("deployments.domains.update")
            .summary("Changes how a host name redirects.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Change.class)
            .response(DomainView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND, ErrorCode.NOT_IMPLEMENTED)
            .handle((call, body) -> {
              DomainView view =
                  tables
                      .store()
                      .transaction(
                          call.principal(),
                          tx -> {
                            Deployment d = tables.deployments().require(tx, call.path("id"));
                            return views.domain(
                                tables.domains().require(tx, d.id(), call.path("domain_id")));
                          });
              DomainService.noRedirect(body.redirectPolicy());
              return view;
            }),
        verify("/deployments/:id/domains/:domain_id/verify", "deployments.domains.verify")
            .priority("P1")
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call ->
                views.domain(verification.verify(call, call.path("id"), call.path("domain_id")))),
        Operation.delete("/deployments/:id/domains/:domain_id")
            .id("deployments.domains.remove")
            .summary("Detaches a host name from a deployment.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND)
            .run(call -> domains.remove(call, call.path("id"), call.path("domain_id"))),
        Operation.get("/custom-domains")
            .id("domains.list")
            .summary("Lists the host names of the organization.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .query("target_id", "Only of this deployment.")
            .query("workspace_id", "Only of this workspace.")
            .query("status", "Only of this status.")
            .query("external_workspace_id", "Only those with this attribution.")
            .query("external_user_id", "Only those with this attribution.")
            .query("external_project_id", "Only those with this attribution.")
            .list(DomainView.class)
            .handle(call ->
                tables
                    .store()
                    .transaction(
                        call.principal(),
                        tx ->
                            tables
                                .domains()
                                .list(
                                    tx,
                                    wanted(
                                        call,
                                        call.query("target_id"),
                                        call.query("status"),
                                        call.query("workspace_id")),
                                    call.paging())
                                .map(views::domain))),
        Operation.post("/custom-domains")
            .id("domains.create")
            .summary("Registers a host name, with or without a deployment.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.KEY)
            .request(RegisterDomain.class)
            .response(DomainView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(
                ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.DOMAIN_TAKEN, ErrorCode.NOT_IMPLEMENTED)
            .handle((call, body) -> domains.register(call, body)),
        Operation.get("/custom-domains/:id")
            .id("domains.get")
            .summary("Shows a host name.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .response(DomainView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call ->
                tables
                    .store()
                    .transaction(
                        call.principal(),
                        tx -> views.domain(tables.domains().require(tx, call.path("id"))))),
        verify("/custom-domains/:id/verify", "domains.verify")
            .priority("P2")
            .handle(call -> views.domain(verification.verify(call, null, call.path("id")))),
        remove("/custom-domains/:id", "domains.remove"),
        remove("/domains/:id", "domains.remove_by_name"));
  }

  private static Map<String, @Nullable String> wanted(
      Call call, @Nullable String deployment, @Nullable String status, @Nullable String workspace) {
    Map<String, @Nullable String> wanted = new HashMap<>();
    wanted.put("deployment_id", deployment);
    wanted.put("status", status);
    wanted.put("workspace_id", workspace);
    for (String attribute :
        List.of("external_workspace_id", "external_user_id", "external_project_id")) {
      wanted.put(attribute, call.query(attribute));
    }
    return wanted;
  }

  private static OperationBuilder<NoBody, DomainView> verify(String path, String id) {
    return Operation.post(path)
        .id(id)
        .summary(
            "Asks the DNS of a host name whose it is and where it leads; routes it if it is yours.")
        .scope(DeploymentsApi.WRITE)
        .idempotency(Idempotency.NATURAL)
        .response(DomainView.class, Envelope.FLAT_MIRROR)
        .errors(ErrorCode.NOT_FOUND, ErrorCode.DOMAIN_TAKEN);
  }

  private Operation<?, ?> remove(String path, String id) {
    return Operation.delete(path)
        .id(id)
        .summary("Removes a host name.")
        .priority("P2")
        .scope(DeploymentsApi.WRITE)
        .idempotency(Idempotency.NATURAL)
        .errors(ErrorCode.NOT_FOUND)
        .run(call -> domains.remove(call, null, call.path("id")));
  }
}

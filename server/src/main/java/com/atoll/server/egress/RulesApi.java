package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.egress.Views.RuleList;
import com.atoll.server.egress.Views.RuleView;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The allow list: rules by host, method and path. */
final class RulesApi {
  private final Bounds bounds;
  private final Policies policies;

  RulesApi(Bounds bounds, Policies policies) {
    this.bounds = bounds;
    this.policies = policies;
  }

  /** A rule to make. */
  record Create(
      @Doc(
              value =
                  "Host name, *.example.com for every name below it, or *; or an IPv4 address or a"
                      + " range like 192.0.2.0/24, which other ports than 80 and 443 heed too.",
              max = 300)
          String host,
      @Doc("allow (default) or deny.") @Nullable String effect,
      @Doc(value = "Only these methods; all when absent.", max = 20) @Nullable List<String> methods,
      @Doc(value = "Only these paths: * stands for part of a segment, ** for anything.", max = 500)
          @Nullable String pathGlob,
      @Doc("Policy that it becomes part of; its resource is the rule's then.")
          @Nullable String policyId,
      @Doc("sandbox, workspace or organization (default).") @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId,
      @Doc(value = "Free text.", max = 1000) @Nullable String note,
      @Doc(
              value =
                  "Its place among the rules of its resource, which are asked from 0 on; those with"
                      + " none come after, the more specific first.",
              min = 0,
              max = 1000)
          @Nullable Integer position) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/egress/allowlist"), "list", "Lists egress rules.")
            .query("policy_id", "Only those of this policy.")
            .query("resource_id", "Only those of this resource.")
            .query("resource_type", "Only those of this kind of resource.")
            .query("effect", "Only allow or deny.")
            .response(RuleList.class, Envelope.FLAT)
            .handle(this::list),
        declare(Operation.post("/egress/allowlist"), "create", "Allows or denies a host.")
            .scope("egress:write")
            .idempotency(Idempotency.KEY)
            .onReplay((call, answer) -> policies.settle(call.principal()))
            .request(Create.class)
            .response(RuleView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(this::create),
        declare(Operation.delete("/egress/allowlist/:rule_id"), "delete", "Removes an egress rule.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .run(call -> policies.forget(call.principal(), call.path("rule_id"))));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress.allowlist." + name)
        .summary(summary)
        .priority("P2")
        .scope("egress:read")
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private RuleList list(Call call) {
    String policy = call.query("policy_id");
    String id = call.query("resource_id");
    String type = call.query("resource_type");
    String effect = call.query("effect");
    Bound.Kind kind = id == null && type == null ? null : Bounds.kind(type, id);
    return new RuleList(
        policies.rules(call.principal()).stream()
            .filter(rule -> policy == null || policy.equals(rule.policyId()))
            .filter(rule -> kind == null || kind == rule.bound().kind())
            .filter(rule ->
                id == null || kind == Bound.Kind.ORGANIZATION || id.equals(rule.bound().id()))
            .filter(rule -> effect == null || effect.equals(rule.allow() ? "allow" : "deny"))
            .map(RuleView::of)
            .toList());
  }

  private RuleView create(Call call, Create body) {
    String host = Checks.destination(body.host());
    boolean allow = Checks.effect(body.effect(), "effect", true);
    List<String> methods = Checks.methods(body.methods());
    String path = Checks.path(body.pathGlob(), allow);
    boolean range = AddressRange.isStored(host);
    if (range && (path != null || !methods.isEmpty())) {
      throw AtollException.invalid("host", "must be a name where methods or paths are given");
    }
    Integer position = body.position();
    String policyId = body.policyId();
    Bounds.@Nullable Resource named =
        policyId == null
            ? bounds.find(call.principal(), body.resourceType(), body.resourceId())
            : null;
    Rule made =
        policies.allow(
            call.principal(),
            tx -> {
              Bounds.Resource resource = named == null ? ofPolicy(tx, policyId) : named;
              return new Rule(
                  Ids.next("egr"),
                  call.principal().org(),
                  policyId,
                  resource.bound(),
                  allow,
                  host,
                  methods,
                  path,
                  body.note(),
                  resource.externalUserId(),
                  Policies.now(),
                  List.of(),
                  position);
            },
            (tx, rule) -> call.idempotentAnswer(tx, RuleView.of(rule), rule.id()));
    return RuleView.of(made);
  }

  private static Bounds.Resource ofPolicy(Tx tx, @Nullable String id) {
    String wanted = Ids.reference(String.valueOf(id));
    Policy policy = Policies.require(Rows.lock(tx, wanted), wanted);
    return new Bounds.Resource(policy.bound(), policy.externalUserId());
  }
}

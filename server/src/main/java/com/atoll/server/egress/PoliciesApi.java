package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.egress.Views.PolicyList;
import com.atoll.server.egress.Views.PolicyView;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Policies: what becomes of calls to the internet, per organization, workspace or sandbox. */
final class PoliciesApi {
  private final Sandboxes sandboxes;
  private final Bounds bounds;
  private final Policies policies;
  private final Book book;

  PoliciesApi(Sandboxes sandboxes, Bounds bounds, Policies policies, Book book) {
    this.sandboxes = sandboxes;
    this.bounds = bounds;
    this.policies = policies;
    this.book = book;
  }

  /** A policy to make. */
  record Create(
      @Doc(value = "Name.", min = 1, max = 128) String name,
      @Doc("enforce (default) or audit_only.") @Nullable String mode,
      @Doc("deny (default) or allow: what becomes of a call that no rule speaks of.")
          @Nullable String defaultEffect,
      @Doc("sandbox, workspace or organization (default).") @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId,
      @Doc(value = "Free text.", max = 1000) @Nullable String description) {}

  /** What changes of a policy. */
  record Change(
      @Doc(value = "Name.", min = 1, max = 128) @Nullable String name,
      @Doc("enforce or audit_only.") @Nullable String mode,
      @Doc("deny or allow.") @Nullable String defaultEffect,
      @Doc(value = "Free text.", max = 1000) @Nullable String description) {}

  /** How the calls of a resource are treated from now on. */
  record Mode(
      @Doc("enforce or audit_only.") String mode,
      @Doc("deny or allow; stays as it is, or deny for a new policy.")
          @Nullable String defaultEffect,
      @Doc("sandbox, workspace or organization (default).") @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/egress/policies"), "list", "Lists egress policies.")
            .query("resource_id", "Only those that can hold for this resource.")
            .query("resource_type", "Kind of that resource.")
            .response(PolicyList.class, Envelope.FLAT)
            .handle(this::list),
        declare(Operation.post("/egress/policies"), "create", "Makes an egress policy.")
            .scope("egress:write")
            .idempotency(Idempotency.KEY)
            .onReplay((call, answer) -> policies.settle(call.principal()))
            .request(Create.class)
            .response(PolicyView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(this::create),
        declare(
                Operation.patch("/egress/policies"),
                "set_mode",
                "Enforces or only observes for the organization or one resource.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .request(Mode.class)
            .response(PolicyView.class, Envelope.DATA)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(this::setMode),
        declare(Operation.get("/egress/policies/:policy_id"), "get", "Shows an egress policy.")
            .response(PolicyView.class, Envelope.DATA)
            .handle(call -> view(call.principal(), policies.policy(call.principal(), id(call)))),
        declare(
                Operation.patch("/egress/policies/:policy_id"),
                "update",
                "Changes an egress policy; in force for running sandboxes too.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .request(Change.class)
            .response(PolicyView.class, Envelope.DATA)
            .handle((call, body) ->
                view(
                    call.principal(), policies.update(call.principal(), id(call), changing(body)))),
        declare(
                Operation.delete("/egress/policies/:policy_id"),
                "delete",
                "Deletes an egress policy and its rules.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .run(call -> policies.delete(call.principal(), id(call))));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress.policies." + name)
        .summary(summary)
        .priority("P2")
        .scope("egress:read")
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private static String id(Call call) {
    return call.path("policy_id");
  }

  private PolicyList list(Call call) {
    Principal principal = call.principal();
    List<Policy> all = policies.policies(principal);
    List<Rule> rules = policies.rules(principal);
    String type = call.query("resource_type");
    String id = call.query("resource_id");
    if (id == null && type == null) {
      return new PolicyList(
          all.stream().map(one -> PolicyView.of(one, first(all, one), rules)).toList());
    }
    Bound.Kind kind = Bounds.kind(type, id);
    if (kind == Bound.Kind.SANDBOX && id != null) {
      Sandbox sandbox = visible(principal, id);
      if (sandbox == null) {
        return new PolicyList(List.of());
      }
      Policy effective = book.of(sandbox).policy();
      String chosen = effective == null ? "" : effective.id();
      return new PolicyList(
          all.stream()
              .filter(one -> one.bound().covers(sandbox))
              .map(one -> PolicyView.of(one, one.id().equals(chosen), rules))
              .toList());
    }
    return new PolicyList(
        all.stream()
            .filter(one -> one.bound().kind() == kind)
            .filter(
                one -> id == null || kind == Bound.Kind.ORGANIZATION || id.equals(one.bound().id()))
            .map(one -> PolicyView.of(one, first(all, one), rules))
            .toList());
  }

  private @Nullable Sandbox visible(Principal principal, String id) {
    try {
      return sandboxes.require(principal, Ids.reference(id));
    } catch (AtollException unknown) {
      return null;
    }
  }

  /** The newest of a resource is in force; the list begins with the newest. */
  private static boolean first(List<Policy> all, Policy policy) {
    return all.stream()
        .filter(one -> one.bound().equals(policy.bound()))
        .findFirst()
        .filter(policy::equals)
        .isPresent();
  }

  private PolicyView create(Call call, Create body) {
    Bounds.Resource resource =
        bounds.find(call.principal(), body.resourceType(), body.resourceId());
    Policy policy =
        fresh(
            call.principal(),
            resource,
            body.name(),
            body.description(),
            Checks.enforce(body.mode(), true),
            Checks.effect(body.defaultEffect(), "default_effect", false));
    PolicyView view = PolicyView.of(policy, true, List.of());
    policies.create(
        call.principal(), policy, (tx, made) -> call.idempotentAnswer(tx, view, made.id()));
    return view;
  }

  private PolicyView setMode(Call call, Mode body) {
    Bounds.Resource resource =
        bounds.find(call.principal(), body.resourceType(), body.resourceId());
    boolean enforce = Checks.enforce(body.mode(), true);
    Policy fresh =
        fresh(
            call.principal(),
            resource,
            "default",
            null,
            enforce,
            Checks.effect(body.defaultEffect(), "default_effect", false));
    Change change = new Change(null, body.mode(), body.defaultEffect(), null);
    return view(call.principal(), policies.put(call.principal(), fresh, changing(change)));
  }

  private PolicyView view(Principal principal, Policy policy) {
    return PolicyView.of(
        policy, first(policies.policies(principal), policy), policies.rules(principal));
  }

  private static Policy fresh(
      Principal principal,
      Bounds.Resource resource,
      String name,
      @Nullable String description,
      boolean enforce,
      boolean defaultAllow) {
    var now = Policies.now();
    return new Policy(
        Ids.next("egp"),
        principal.org(),
        name,
        description,
        enforce,
        defaultAllow,
        resource.bound(),
        resource.externalUserId(),
        1,
        now,
        now);
  }

  private static UnaryOperator<Policy> changing(Change change) {
    return policy ->
        new Policy(
            policy.id(),
            policy.org(),
            change.name() == null ? policy.name() : change.name(),
            change.description() == null ? policy.description() : change.description(),
            Checks.enforce(change.mode(), policy.enforce()),
            Checks.effect(change.defaultEffect(), "default_effect", policy.defaultAllow()),
            policy.bound(),
            policy.externalUserId(),
            policy.version() + 1,
            policy.createdAt(),
            Policies.now());
  }
}

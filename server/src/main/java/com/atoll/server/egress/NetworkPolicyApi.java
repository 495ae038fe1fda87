package com.atoll.server.egress;

import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.sandboxes.NetworkWish;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The network policy of one sandbox: the egress policy that is bound to it, as a list of rules that
 * is read from the top.
 */
final class NetworkPolicyApi {
  private static final String PATH = "/sandboxes/:id/network-policy";

  private final Sandboxes sandboxes;
  private final Policies policies;
  private final Book book;

  NetworkPolicyApi(Sandboxes sandboxes, Policies policies, Book book) {
    this.sandboxes = sandboxes;
    this.policies = policies;
    this.book = book;
  }

  /** What is to hold from now on. */
  record Wanted(
      @Doc("Rules, read from the top: the first that fits decides.") List<NetworkRules.Wish> rules,
      @Doc("allow or deny: what becomes of a call that no rule speaks of; allow when absent.")
          @Nullable String defaultEffect) {}

  /** A rule that holds. */
  record RuleView(
      @Doc("Id of the egress rule.") String id,
      @Doc("allow or deny.") String effect,
      @Doc("Host name, *.example.com or any.") String destination,
      @Doc("Ports that it speaks of; null for all.") @Nullable String ports,
      @Doc("any, or tcp where ports are named.") String protocol) {
    static RuleView of(Rule rule) {
      boolean all = rule.ports().isEmpty();
      return new RuleView(
          rule.id(),
          rule.allow() ? "allow" : "deny",
          rule.host().equals("*") ? "any" : rule.host(),
          all ? null : rule.ports().stream().map(String::valueOf).collect(Collectors.joining(",")),
          all ? "any" : "tcp");
    }
  }

  /** What holds for a sandbox. */
  record View(
      @Doc("Sandbox.") String sandboxId,
      @Doc("Organization.") String tenantId,
      @Doc("Egress policy that says so; null when none does.") @Nullable String policyId,
      @Doc("What the policy is bound to: sandbox, workspace, organization; none without one.")
          String source,
      @Doc("enforce, or audit_only: nothing is refused, everything is written down.") String mode,
      @Doc("Rules of the policy, in the order in which they are asked.") List<RuleView> rules,
      @Doc("What becomes of a call that no rule speaks of: allow or deny.") String defaultEffect,
      @Doc("When the policy was made.") @Nullable Instant insertedAt,
      @Doc("When it was last changed.") @Nullable Instant updatedAt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get(PATH), "get", "Shows the network policy of a sandbox.")
            .scope("egress:read")
            .response(View.class, Envelope.FLAT_MIRROR)
            .handle(call -> view(sandbox(call))),
        declare(
                Operation.put(PATH),
                "set",
                "Sets the network policy of a sandbox; in force at once, also while it runs.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .request(Wanted.class)
            .response(View.class, Envelope.FLAT_MIRROR)
            .handle(this::set),
        declare(
                Operation.delete(PATH),
                "delete",
                "Removes every egress policy that is bound to the sandbox itself; those of its"
                    + " workspace and organization hold on.")
            .scope("egress:write")
            .idempotency(Idempotency.NATURAL)
            .response(View.class, Envelope.FLAT_MIRROR)
            .handle(this::delete));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress.network_policy." + name)
        .summary(summary)
        .priority("P3")
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.EGRESS_NOT_IN_FORCE);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), Ids.reference(call.path("id")));
  }

  private View set(Call call, Wanted wanted) {
    Sandbox sandbox = sandbox(call);
    Principal principal = call.principal();
    NetworkWish wish = call.given(NetworkWish.class);
    if (wish != null) {
      return become(principal, sandbox, wish);
    }
    Policy fresh = enforced(sandbox, Checks.effect(wanted.defaultEffect(), "default_effect", true));
    policies.replace(
        principal,
        fresh,
        policy ->
            NetworkRules.of(
                principal.org(), policy, sandbox.owner().externalUserId(), wanted.rules()));
    return view(sandbox);
  }

  /**
   * Where nothing is closed, what its workspace or organization has holds; what the wish denies is
   * denied also where that is only written down.
   */
  private View become(Principal principal, Sandbox sandbox, NetworkWish wish) {
    boolean own = wish.closed() || book.isOnlyWatched(sandbox);
    policies.become(
        principal,
        bound(sandbox),
        own ? enforced(sandbox, !wish.closed()) : null,
        NetworkRules.of(sandbox, wish));
    return view(sandbox);
  }

  private static Bound bound(Sandbox sandbox) {
    return new Bound(Bound.Kind.SANDBOX, sandbox.id());
  }

  private static Policy enforced(Sandbox sandbox, boolean allow) {
    var now = Policies.now();
    return new Policy(
        Ids.next("egp"),
        sandbox.org(),
        "network-policy",
        null,
        true,
        allow,
        bound(sandbox),
        sandbox.owner().externalUserId(),
        1,
        now,
        now);
  }

  private View delete(Call call) {
    Sandbox sandbox = sandbox(call);
    policies.deleteAll(call.principal(), bound(sandbox));
    return view(sandbox);
  }

  private View view(Sandbox sandbox) {
    Effective effective = book.of(sandbox);
    Policy policy = effective.policy();
    return new View(
        sandbox.id(),
        sandbox.org().value(),
        policy == null ? null : policy.id(),
        policy == null ? "none" : policy.bound().kind().name().toLowerCase(Locale.ROOT),
        effective.enforce() ? "enforce" : "audit_only",
        policy == null
            ? List.of()
            : effective.rules().stream()
                .filter(rule -> policy.id().equals(rule.policyId()))
                .map(RuleView::of)
                .toList(),
        effective.defaultAllow() ? "allow" : "deny",
        policy == null ? null : policy.createdAt().toInstant(),
        policy == null ? null : policy.updatedAt().toInstant());
  }
}

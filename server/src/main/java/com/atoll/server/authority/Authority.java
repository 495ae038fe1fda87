package com.atoll.server.authority;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.authority.Decision.Kind;
import com.atoll.server.authority.Policies.Ruling;
import com.atoll.server.authority.Policies.Verdict;
import com.atoll.server.http.Call;
import com.atoll.server.http.Gate;
import com.atoll.server.http.Json;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.identity.Identity;
import com.atoll.server.store.Deed;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Decides about actions. Whoever asks beforehand gets the decision as an answer; whoever does not
 * ask meets the same decision when the operation is about to run.
 */
public final class Authority implements Gate {
  private final Store store;
  private final Policies policies;
  private final Identity identity;
  private final Supplier<List<Operation<?, ?>>> operations;
  private volatile @Nullable Catalogue catalogue;

  /** An authority over these operations, which are asked for when they are first needed. */
  public Authority(Store store, Identity identity, Supplier<List<Operation<?, ?>>> operations) {
    this.store = store;
    this.identity = identity;
    this.operations = operations;
    policies = new Policies(store);
  }

  Catalogue catalogue() {
    Catalogue known = catalogue;
    if (known == null) {
      known = Catalogue.of(operations.get());
      catalogue = known;
    }
    return known;
  }

  Policies policies() {
    return policies;
  }

  /**
   * The name under which an operation is a tool; null when it is not what its action begins with.
   */
  public @Nullable String tool(String operation) {
    return catalogue().named().stream()
        .filter(a -> !a.operations().isEmpty() && a.operations().getFirst().equals(operation))
        .findFirst()
        .map(a -> a.name().replace('.', '_'))
        .orElse(null);
  }

  @Override
  public String action(Declaration operation) {
    List<Action> actions = catalogue().of(operation.id());
    return actions.isEmpty() ? operation.id() : actions.getFirst().name();
  }

  @Override
  public Pass enter(Call call, Declaration operation, List<String> besides) {
    Principal principal = call.principal();
    List<Policies.Policy> binding = policies.of(principal);
    if (binding.isEmpty()) {
      return Pass.FREE;
    }
    List<Action> actions = new ArrayList<>(catalogue().of(operation.id()));
    besides.forEach(meant -> actions.addAll(catalogue().of(meant)));
    Ruling ruling = Policies.judge(binding, actions);
    if (ruling.verdict() == Verdict.ALLOW) {
      return Pass.FREE;
    }
    Decision decision =
        store.transaction(
            principal.org(),
            tx ->
                decide(
                    tx,
                    principal,
                    ruling,
                    question(call, operation, Whereabouts.of(tx, identity, call, operation)),
                    true));
    return switch (decision.kind()) {
      case ALLOW ->
          () ->
              store.execute(
                  principal.org(), tx -> giveBack(tx, principal, ruling.action(), decision));
      case DENY ->
          throw AtollException.of(ErrorCode.ACTION_DENIED, ruling.action())
              .detail("capability", ruling.action())
              .detail("receipt_id", decision.receiptId());
      case PENDING ->
          throw AtollException.of(ErrorCode.APPROVAL_REQUIRED, ruling.action())
              .detail("capability", ruling.action())
              .detail("approval_request_id", String.valueOf(decision.approvalId()))
              .detail("receipt_id", decision.receiptId());
    };
  }

  private static void giveBack(Tx tx, Principal principal, String capability, Decision decision) {
    if (decision.approvalId() != null) {
      Approvals.giveBack(tx, decision.approvalId());
    }
    if (decision.grantId() != null) {
      Grants.giveBack(tx, decision.grantId());
      Allowances.giveBack(tx, principal, capability, decision.grantId());
    }
  }

  @Override
  public void require(Principal principal, String operation) {
    List<Policies.Policy> binding = policies.of(principal);
    Ruling ruling =
        binding.isEmpty() ? Ruling.NONE : Policies.judge(binding, catalogue().of(operation));
    if (ruling.verdict() != Verdict.ALLOW) {
      throw AtollException.of(ErrorCode.ACTION_DENIED, ruling.action())
          .detail("capability", ruling.action());
    }
  }

  /** Decides about an action that is not asked for yet, and keeps the receipt. */
  Decision authorize(Principal principal, Action action, Question question) {
    Ruling ruling = Policies.judge(policies.of(principal), catalogue().whole(action));
    Ruling named =
        ruling.verdict() == Verdict.ALLOW ? new Ruling(Verdict.ALLOW, action.name(), "") : ruling;
    return store.transaction(
        principal.org(),
        // What no operation of this server does will not be asked about again.
        tx -> decide(tx, principal, named, question, !isDoneHere(action)));
  }

  private boolean isDoneHere(Action action) {
    return catalogue().whole(action).stream().anyMatch(a -> !a.operations().isEmpty());
  }

  /** Decides for an app, which may do only what it was granted. */
  Decision authorizeApp(Principal principal, String app, Action action, Question question) {
    return store.transaction(
        principal.org(),
        tx -> {
          String grant = Grants.useOfApp(tx, app, action.name(), question);
          return grant == null
              ? receipt(
                  tx,
                  principal,
                  action.name(),
                  question,
                  new Decision(Kind.DENY, "", null, null, "the app has no grant for it"))
              : receipt(
                  tx,
                  principal,
                  action.name(),
                  question,
                  new Decision(Kind.ALLOW, "", null, grant, null));
        });
  }

  /** Refuses without a policy: for lack of a scope, a role or a workspace. */
  Decision refuse(Principal principal, String capability, Question question, String reason) {
    return store.transaction(
        principal.org(),
        tx ->
            receipt(
                tx,
                principal,
                capability,
                question,
                new Decision(Kind.DENY, "", null, null, reason)));
  }

  private static Decision decide(
      Tx tx, Principal principal, Ruling ruling, Question question, boolean doing) {
    String capability = ruling.action();
    Decision decision =
        switch (ruling.verdict()) {
          case ALLOW -> new Decision(Kind.ALLOW, "", null, null, null);
          case DENY ->
              new Decision(
                  Kind.DENY,
                  "",
                  null,
                  null,
                  ruling.reason().isEmpty() ? "a policy denies it" : ruling.reason());
          case APPROVAL -> approval(tx, principal, capability, question, doing);
        };
    return receipt(tx, principal, capability, question, decision);
  }

  private static Decision approval(
      Tx tx, Principal principal, String capability, Question question, boolean doing) {
    String approved =
        doing
            ? Approvals.take(tx, principal, capability, question)
            : Approvals.approved(tx, principal, capability, question);
    if (approved != null) {
      return new Decision(Kind.ALLOW, "", approved, null, null);
    }
    String grant = Grants.find(tx, principal, capability, question, doing);
    if (grant != null && !doing) {
      Allowances.keep(tx, principal, capability, question, grant);
    }
    String allowed =
        grant == null && doing ? Allowances.take(tx, principal, capability, question) : grant;
    if (allowed != null) {
      return new Decision(Kind.ALLOW, "", null, allowed, null);
    }
    String asked = Approvals.ask(tx, principal, capability, question);
    return new Decision(Kind.PENDING, "", asked, null, "an approval is needed");
  }

  private static Decision receipt(
      Tx tx, Principal principal, String capability, Question question, Decision decision) {
    String id = Ids.next("rcp");
    Decision kept =
        new Decision(
            decision.kind(), id, decision.approvalId(), decision.grantId(), decision.reason());
    Receipts.keep(tx, principal, capability, question, kept);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("receipt_id", id);
    data.put("decision", kept.kind().wire());
    data.put("surface", question.surface());
    if (kept.reason() != null) {
      data.put("reason", kept.reason());
    }
    tx.audit(
        "action." + kept.kind().wire(),
        new Deed.Subject(
            "action", capability, question.workspace(), null, null, principal.externalUser(), null),
        data);
    return kept;
  }

  private static Question question(Call call, Declaration operation, @Nullable String workspace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("operation", operation.id());
    json.set("path", Json.MAPPER.valueToTree(call.paths()));
    ObjectNode params = json.deepCopy();
    params.set("body", call.json());
    String fingerprint = Action.fingerprint(params);
    return new Question(
        fingerprint,
        Action.fingerprint(call.json()),
        "api",
        workspace,
        Map.of("operation", operation.id(), "path", call.paths()));
  }
}

package com.atoll.server.authority;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The authority over actions, over HTTP. */
public final class AuthorityApi implements Capability {
  private final Store store;
  private final Authority authority;

  /** The API of an authority. */
  public AuthorityApi(Store store, Authority authority) {
    this.store = store;
    this.authority = authority;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(
        Operation.get("/actions/catalog")
            .id("actions.catalog")
            .summary("Lists all actions that can be asked for, judged and granted.")
            .priority("P2")
            .anyScope()
            .delegable()
            .rateExempt()
            .list(ActionView.class)
            .handle(call ->
                Page.whole(authority.catalogue().shown().stream().map(ActionView::of).toList())));
    all.add(
        asking(
                "/actions/authorize",
                "actions.authorize",
                "P2",
                "Decides whether an action may be done.")
            .handle((call, body) -> answer(call, authorize(call.principal(), body))));
    all.add(
        asking(
                "/actions/apps/:app_id/authorize",
                "actions.authorize_app",
                "P3",
                "Decides whether an app may do an action, which takes a grant for that app.")
            .handle((call, body) -> answer(call, authorizeApp(call, body))));
    all.addAll(new ApprovalsApi(store).operations());
    all.addAll(new GrantsApi(store, authority).operations());
    all.addAll(new PoliciesApi(store, authority).operations());
    return all;
  }

  /** Forgets receipts that are old. */
  public void sweep() {
    Receipts.sweep(store);
  }

  private static OperationBuilder<AskAction, DecisionView> asking(
      String path, String id, String priority, String summary) {
    return Operation.post(path)
        .id(id)
        .summary(summary)
        .priority(priority)
        .anyScope()
        .delegable()
        .readOnly()
        .rateExempt()
        .idempotency(Idempotency.NEVER)
        .request(AskAction.class)
        .response(DecisionView.class, Envelope.FLAT_MIRROR);
  }

  private static DecisionView answer(Call call, Decision decision) {
    call.setStatus(
        switch (decision.kind()) {
          case ALLOW -> 200;
          case PENDING -> 202;
          case DENY -> 403;
        });
    return DecisionView.of(decision);
  }

  private Decision authorize(Principal principal, AskAction asked) {
    Action action = known(asked);
    Question question = asked.question();
    String lacking = lacking(principal, asked, action);
    return lacking == null
        ? authority.authorize(principal, action, question)
        : authority.refuse(principal, action.name(), question, lacking);
  }

  private Decision authorizeApp(Call call, AskAction asked) {
    Principal principal = call.principal();
    Action action = known(asked);
    Question question = asked.question();
    String lacking = lacking(principal, asked, action);
    return lacking == null
        ? authority.authorizeApp(principal, call.path("app_id"), action, question)
        : authority.refuse(principal, action.name(), question, lacking);
  }

  private Action known(AskAction asked) {
    Action action = authority.catalogue().find(asked.capability().name());
    if (action == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "action " + asked.capability().name());
    }
    return action;
  }

  /** What role, scope and bounds of the credential lack for the action, or null. */
  private @Nullable String lacking(Principal principal, AskAction asked, Action action) {
    String shown = asked.capability().fingerprint();
    if (shown != null && !shown.equals(action.fingerprint())) {
      return "the catalogue has changed since";
    }
    for (Action part : authority.catalogue().whole(action)) {
      for (String scope : part.scopes()) {
        if (!principal.allows(scope)) {
          return "the credential lacks the scope " + scope;
        }
      }
    }
    if (action.risk().equals("manage") && !principal.role().manages()) {
      return "it needs an admin key";
    }
    String workspace = asked.workspaceId();
    if (workspace != null && !reaches(principal, workspace)) {
      return "the credential does not reach the workspace";
    }
    return null;
  }

  private boolean reaches(Principal principal, String workspace) {
    String only = principal.workspace();
    return (only == null || only.equals(workspace))
        && store.find(
                principal,
                tx ->
                    tx.sql()
                        .fetchOne(
                            "select 1 from workspaces where id = ? or slug = ?",
                            workspace,
                            workspace))
            != null;
  }
}

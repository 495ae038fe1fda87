package com.atoll.server.authority;

import com.atoll.model.AtollException;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Policies of actions over HTTP, for those who manage the organization. */
final class PoliciesApi {
  private static final Pattern NAME = Pattern.compile(NewGrant.CAPABILITY);

  private final Store store;
  private final Authority authority;

  PoliciesApi(Store store, Authority authority) {
    this.store = store;
    this.authority = authority;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/actions/policies")
            .id("actions.policies.list")
            .summary("Lists what the organization decides about actions.")
            .priority("P4")
            .scope("actions:read")
            .list(PolicyView.class)
            .handle(this::list),
        Operation.put("/actions/policies/:action")
            .id("actions.policies.set")
            .summary("Decides about an action from now on.")
            .priority("P4")
            .scope("actions:write")
            .idempotency(Idempotency.NATURAL)
            .request(SetPolicy.class)
            .response(PolicyView.class, Envelope.FLAT_MIRROR)
            .handle(this::set),
        Operation.delete("/actions/policies/:action")
            .id("actions.policies.clear")
            .summary("Decides nothing about an action any longer.")
            .priority("P4")
            .scope("actions:write")
            .idempotency(Idempotency.NATURAL)
            .run(this::clear));
  }

  private Page<PolicyView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx ->
            Page.whole(
                tx.sql()
                    .fetch("select * from action_policies order by action")
                    .map(PolicyView::of)));
  }

  private PolicyView set(Call call, SetPolicy asked) {
    Principal asking = call.principal();
    asking.requireManager("a policy");
    String action = action(call);
    if (!action.endsWith("*") && authority.catalogue().find(action) == null) {
      throw AtollException.invalid("action", "is not in the catalogue");
    }
    List<String> roles = roles(asked.roles());
    PolicyView view = new PolicyView(action, asked.decision(), roles, asked.reason());
    store.execute(
        asking,
        tx -> {
          tx.sql()
              .execute(
                  """
                  insert into action_policies (org, action, decision, roles, reason)
                  values (?, ?, ?, ?, ?)
                  on conflict (org, action) do update set decision = excluded.decision,
                    roles = excluded.roles, reason = excluded.reason, updated_at = now()\
                  """,
                  tx.org().value(),
                  action,
                  asked.decision(),
                  roles.toArray(String[]::new),
                  asked.reason());
          changed(tx, action, Map.of("decision", asked.decision(), "roles", roles));
        });
    return view;
  }

  private void clear(Call call) {
    call.principal().requireManager("a policy");
    String action = action(call);
    store.execute(
        call.principal(),
        tx -> {
          int gone = tx.sql().execute("delete from action_policies where action = ?", action);
          if (gone > 0) {
            changed(tx, action, Map.of("decision", "none"));
          }
        });
  }

  private void changed(Tx tx, String action, Map<String, ?> data) {
    tx.event("action_policy.updated", "action_policy", action, 1, data);
    tx.afterCommit(() -> authority.policies().forget(tx.org()));
  }

  private static List<String> roles(@Nullable List<String> asked) {
    if (asked == null || asked.isEmpty()) {
      return List.of(Role.USER.wire());
    }
    for (String role : asked) {
      if (Arrays.stream(Role.values()).noneMatch(r -> r.wire().equals(role))) {
        throw AtollException.invalid("roles", "holds something that is no role");
      }
    }
    return asked.stream().distinct().toList();
  }

  private static String action(Call call) {
    String action = call.rawPath("action");
    if (action.length() > 128 || !NAME.matcher(action).matches()) {
      throw AtollException.invalid("action", "must be a name, a prefix with .*, or *");
    }
    return action;
  }
}

package com.atoll.server.policies;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.WorkspaceEnd;
import com.atoll.server.policies.PolicySetter.Tier;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Policies over HTTP. */
public final class PoliciesApi implements Capability {
  private final PolicyTable table;

  /**
   * The policies of a store.
   *
   * @param limitsChanged is run when limits of requests may have changed
   */
  public PoliciesApi(Store store, Policies policies, Runnable limitsChanged) {
    table = new PolicyTable(store, policies, limitsChanged);
  }

  /** The policy of a workspace, which goes with it. */
  public WorkspaceEnd ofWorkspaces() {
    return table::ends;
  }

  /** How the same policy is set for many. */
  public PolicySetter setter() {
    return table;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.addAll(tier("/tenant/policy", "policies.tenant", "the organization", Tier.TENANT));
    all.addAll(tier("/workspaces/:id/policy", "policies.workspace", "a workspace", Tier.WORKSPACE));
    all.addAll(
        tier(
            "/external-users/:external_user_id/policy",
            "policies.user",
            "one of your customers' users",
            Tier.USER));
    all.add(
        Operation.get("/external-users/:external_user_id/effective-policy")
            .id("policies.effective")
            .summary(
                "Reads what holds for one of your customers' users, and the tier it comes from.")
            .priority("P3")
            .scope("organization:read")
            .ofWholeOrganization()
            .query("workspace_id", "The workspace whose policy counts too.")
            .response(EffectiveView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(table::effective));
    return all;
  }

  private List<Operation<?, ?>> tier(String path, String id, String whose, Tier tier) {
    return List.of(
        declare(Operation.get(path), id + ".get", "Reads the policy of " + whose + ".")
            .scope("organization:read")
            .ofWholeOrganization()
            .response(PolicyView.class, Envelope.FLAT_MIRROR)
            .handle(call -> table.get(call, tier)),
        declare(Operation.put(path), id + ".set", "Sets the policy of " + whose + ".")
            .scope("organization:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .request(NewPolicy.class)
            .response(PolicyView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> table.set(call, tier, body)),
        declare(Operation.delete(path), id + ".clear", "Removes the policy of " + whose + ".")
            .scope("organization:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .run(call -> table.delete(call, tier)));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> builder, String id, String summary) {
    return builder.id(id).summary(summary).priority("P3").errors(ErrorCode.NOT_FOUND);
  }
}

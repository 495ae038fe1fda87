package com.atoll.server.identity;

import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** What is part of the API about organizations, but not of this release. */
final class LaterOrganizations {
  private LaterOrganizations() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        later(Operation.get("/tenants/:id/member-caps"), "caps.list", "Lists spending caps.", "P2"),
        later(Operation.put("/tenants/:id/member-caps/:user_id"), "caps.set", "Sets a cap.", "P2"),
        later(
            Operation.delete("/tenants/:id/member-caps/:user_id"),
            "caps.clear",
            "Clears a cap.",
            "P2"),
        later(
            Operation.post("/platform/tenants/:id_or_slug/switch"),
            "switch",
            "Switches the organization of a session.",
            "P3"),
        later(Operation.get("/tenant/branding"), "branding.get", "Reads the branding.", "P3"),
        later(Operation.put("/tenant/branding"), "branding.set", "Sets the branding.", "P3"),
        later(Operation.delete("/tenant/branding"), "branding.clear", "Clears the branding.", "P3"),
        later(Operation.get("/tenant/members"), "members.list", "Lists members.", "P3"),
        later(Operation.post("/tenant/members"), "members.invite", "Invites a member.", "P3"),
        later(
            Operation.delete("/tenant/members/:member_id"),
            "members.remove",
            "Removes a member.",
            "P3"),
        later(
            Operation.patch("/tenant/members/:member_id/role"),
            "members.role",
            "Changes a role.",
            "P3"),
        later(Operation.get("/tenant/policy"), "policy.get", "Reads the policy.", "P3"),
        later(Operation.put("/tenant/policy"), "policy.set", "Sets the policy.", "P3"),
        later(Operation.delete("/tenant/policy"), "policy.clear", "Clears the policy.", "P3"),
        later(
            Operation.get("/tenant/preview-domain"),
            "preview_domain.get",
            "Reads the preview domain.",
            "P3"),
        later(
            Operation.put("/tenant/preview-domain"),
            "preview_domain.set",
            "Sets the preview domain.",
            "P3"),
        later(
            Operation.delete("/tenant/preview-domain"),
            "preview_domain.clear",
            "Clears the preview domain.",
            "P3"),
        later(
            Operation.post("/tenant/preview-domain/verify"),
            "preview_domain.verify",
            "Checks the preview domain.",
            "P3"),
        later(Operation.get("/tenants/:id/invites"), "invites.list", "Lists invites.", "P3"),
        later(Operation.post("/tenants/:id/invites"), "invites.create", "Invites somebody.", "P3"),
        later(
            Operation.delete("/tenants/:id/invites/:invite_id"),
            "invites.revoke",
            "Revokes an invite.",
            "P3"),
        later(Operation.get("/invites/:token"), "invites.preview", "Shows an invite.", "P4"),
        later(
            Operation.post("/invites/:token/accept"), "invites.accept", "Accepts an invite.", "P4"),
        later(
            Operation.post("/tenant/transfer-ownership"),
            "transfer",
            "Gives the organization away.",
            "P4"),
        later(Operation.get("/tenants/:id/members"), "tenant_members.list", "Lists them.", "P4"),
        later(Operation.post("/tenants/:id/members"), "tenant_members.add", "Adds one.", "P4"),
        later(
            Operation.delete("/tenants/:id/members/:user_id"),
            "tenant_members.remove",
            "Removes one.",
            "P4"));
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary, String priority) {
    return declared
        .id("organizations." + name)
        .summary(summary)
        .priority(priority)
        .notImplemented();
  }
}

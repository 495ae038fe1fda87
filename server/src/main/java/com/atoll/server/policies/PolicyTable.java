package com.atoll.server.policies;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.identity.Places;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The policies that an organization sets, at its three tiers. */
final class PolicyTable implements PolicySetter {
  private final Store store;
  private final Policies policies;
  private final Runnable limitsChanged;

  PolicyTable(Store store, Policies policies, Runnable limitsChanged) {
    this.store = store;
    this.policies = policies;
    this.limitsChanged = limitsChanged;
  }

  /** Whose policy a call is about. */
  private static String subject(Tx tx, Tier tier, Call call) {
    return switch (tier) {
      case TENANT -> "";
      case WORKSPACE -> WorkspaceReference.require(tx, call.path("id"));
      case USER -> user(call);
    };
  }

  private static String user(Call call) {
    String user = call.rawPath("external_user_id");
    if (user.isEmpty() || user.length() > 255 || user.indexOf('\0') >= 0) {
      throw AtollException.of(ErrorCode.INVALID_ID, "the external user id");
    }
    return user;
  }

  PolicyView get(Call call, Tier tier) {
    return store.transaction(
        call.principal(),
        tx -> {
          Record row =
              tx.sql()
                  .fetchOne(
                      """
                      select cast(document as text) as document, updated_at from policies
                      where tier = ? and subject = ?\
                      """,
                      tier.wire(),
                      subject(tx, tier, call));
          return row == null ? PolicyView.NONE : view(row);
        });
  }

  PolicyView set(Call call, Tier tier, NewPolicy asked) {
    call.principal().requireManager("a policy");
    String document = document(asked);
    return store.transaction(
        call.principal(), tx -> view(put(tx, tier, subject(tx, tier, call), document)));
  }

  @Override
  public String document(NewPolicy asked) {
    return Json.MAPPER.writeValueAsString(Documents.checked(asked));
  }

  @Override
  public void set(Tx tx, Tier tier, String subject, String document) {
    var _ = put(tx, tier, subject, document);
  }

  private Record put(Tx tx, Tier tier, String subject, String document) {
    if (tier == Tier.WORKSPACE) {
      Places.hold(tx, subject, null);
    }
    Record row =
        tx.sql()
            .fetchSingle(
                """
                insert into policies (org, tier, subject, document) values (?, ?, ?, cast(? as jsonb))
                on conflict (org, tier, subject)
                  do update set document = excluded.document, updated_at = now()
                returning cast(document as text) as document, updated_at\
                """,
                tx.org().value(),
                tier.wire(),
                subject,
                document);
    Map<String, Object> quotas = Documents.read(document).getOrDefault("quotas", Map.of());
    changed(tx, tier, subject, quotas, "policy.updated");
    return row;
  }

  void delete(Call call, Tier tier) {
    call.principal().requireManager("a policy");
    store.execute(
        call.principal(),
        tx -> {
          String subject = subject(tx, tier, call);
          remove(tx, tier, subject);
          changed(tx, tier, subject, Map.of(), "policy.deleted");
        });
  }

  /** Removes the policy of a workspace with it. */
  void ends(Tx tx, String workspace) {
    if (remove(tx, Tier.WORKSPACE, workspace)) {
      changed(tx, Tier.WORKSPACE, workspace, Map.of(), "policy.deleted");
    }
  }

  private static boolean remove(Tx tx, Tier tier, String subject) {
    return tx.sql()
            .execute("delete from policies where tier = ? and subject = ?", tier.wire(), subject)
        == 1;
  }

  EffectiveView effective(Call call) {
    return store.transaction(
        call.principal(),
        tx ->
            EffectiveView.of(
                Policies.read(
                    tx, reference(tx, call.query("workspace_id")), subject(tx, Tier.USER, call))));
  }

  private static @Nullable String reference(Tx tx, @Nullable String workspace) {
    return workspace == null || workspace.isEmpty()
        ? null
        : WorkspaceReference.require(tx, workspace);
  }

  /** Limits of requests also lie where each request finds them without reading a policy. */
  private void changed(Tx tx, Tier tier, String subject, Map<String, Object> quotas, String what) {
    switch (tier) {
      case TENANT ->
          tx.sql()
              .execute(
                  """
                  update organizations set workspace_rpm = ?, group_rpm = ?, version = version + 1,
                    updated_at = now() where org = ?\
                  """,
                  quotas.get("requests_per_minute"),
                  quotas.get("requests_per_minute_per_group"),
                  tx.org().value());
      case WORKSPACE ->
          tx.sql()
              .execute(
                  """
                  update workspaces set requests_per_minute = ?, version = version + 1, updated_at = now()
                  where id = ?\
                  """,
                  quotas.get("requests_per_minute"),
                  subject);
      case USER -> {}
    }
    tx.event(
        what,
        "policy",
        tier.wire() + (subject.isEmpty() ? "" : ":" + subject),
        System.currentTimeMillis(),
        Map.of("tier", tier.wire()));
    tx.afterCommit(policies::forget);
    tx.afterCommit(limitsChanged);
  }

  private static PolicyView view(Record row) {
    Map<String, Map<String, Object>> document = Documents.read(row.get("document", String.class));
    return new PolicyView(
        document.get("lifecycle"),
        document.get("quotas"),
        document.get("sizing"),
        document.get("features"),
        document.get("egress"),
        row.get("updated_at", OffsetDateTime.class).toInstant());
  }
}

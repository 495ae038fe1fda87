package com.atoll.server.identity;

import com.atoll.model.ErrorCode;
import com.atoll.model.MemberRole;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Organizations, workspaces and projects over HTTP. */
public final class IdentityApi implements Capability {
  private final Store store;
  private final Workspaces workspaces;
  private final ComputerTemplates templates;

  /**
   * The identity of a store.
   *
   * @param inner removes what a workspace owns that is deleted with force
   */
  public IdentityApi(Store store, InnerCalls inner) {
    this.store = store;
    workspaces = new Workspaces(store, inner);
    templates = new ComputerTemplates(store);
  }

  /** Names what else ends when a workspace does; before anything is asked. */
  public void onEnd(WorkspaceEnd end) {
    workspaces.onEnd(end);
  }

  /** What other capabilities ask about owners. */
  public static Identity identity() {
    return new Directory();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(organization());
    all.addAll(workspaces());
    return all;
  }

  private List<Operation<?, ?>> organization() {
    return List.of(
        read("/platform/tenants/current", "organizations.current", "Reads the organization.", "P1")
            .delegable()
            .response(OrganizationView.class, Envelope.FLAT_MIRROR)
            .handle(call ->
                store.transaction(call.principal(), tx -> organization(tx, call.principal()))),
        read(
                "/platform/tenants",
                "organizations.list",
                "Lists the organizations of the credential.",
                "P2")
            .list(OrganizationView.class)
            .handle(this::organizations),
        read("/whoami", "organizations.whoami", "Says who the credential is.", "P2")
            .delegable()
            .response(WhoamiView.class, Envelope.DATA)
            .handle(this::whoami));
  }

  private List<Operation<?, ?>> workspaces() {
    return List.of(
        read("/workspaces", "workspaces.list", "Lists workspaces.", "P2")
            .ofWholeOrganization()
            .list(WorkspaceView.class)
            .query("external_workspace_id", "Only workspaces with this attribution.")
            .query("external_user_id", "Only workspaces with this attribution.")
            .handle(workspaces::list),
        write(Operation.post("/workspaces"), "workspaces.create", "Makes a workspace.")
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(NewWorkspace.class)
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .otherStatus(200)
            .errors(ErrorCode.WORKSPACE_NAME_EXISTS, ErrorCode.SLUG_TAKEN)
            .handle(workspaces::create),
        read("/workspaces/:id", "workspaces.get", "Reads a workspace.", "P2")
            .ofWholeOrganization()
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaces::get),
        write(Operation.patch("/workspaces/:id"), "workspaces.update", "Changes a workspace.")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .request(WorkspaceChange.class)
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaces::update),
        write(
                Operation.delete("/workspaces/:id"),
                "workspaces.delete",
                "Removes a workspace that owns nothing, or with force all that it owns too.")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .query(
                "force",
                "boolean",
                "Whether to remove its sandboxes, deployments, volumes and snapshots first; default false.")
            .query("dry_run", "boolean", "Whether only to check that it can be removed.")
            .run(workspaces::delete),
        read(
                "/workspaces/:id/stats",
                "workspaces.stats",
                "Counts what a workspace owns, by kind.",
                "P3")
            .ofWholeOrganization()
            .response(WorkspaceStats.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaces::stats),
        read(
                "/workspaces/:id/computer-templates",
                "workspaces.computer_templates.list",
                "Lists the set-ups of machines that a workspace has saved.",
                "P3")
            .ofWholeOrganization()
            .list(ComputerTemplates.View.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(templates::list),
        write(
                Operation.post("/workspaces/:id/computer-templates"),
                "workspaces.computer_templates.create",
                "Saves a set-up of a machine under a name.")
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(ComputerTemplates.New.class)
            .response(ComputerTemplates.View.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN, ErrorCode.QUOTA_EXCEEDED)
            .handle(templates::create));
  }

  private static OperationBuilder<NoBody, NoBody> read(
      String path, String id, String summary, String priority) {
    return Operation.get(path).id(id).summary(summary).priority(priority).anyScope();
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> declared, String id, String summary) {
    return declared.id(id).summary(summary).priority("P2").scope("projects:write");
  }

  private static Record row(Tx tx) {
    return tx.sql()
        .fetchSingle(
            "select " + OrganizationView.COLUMNS + " from organizations o where o.org = ?",
            tx.org().value());
  }

  private static OrganizationView organization(Tx tx, Principal asking) {
    MemberRole member = asking.standing().member();
    String usual = asking.role().manages() ? "admin" : "member";
    boolean own = !isGiven(asking) || asking.standing().readOnly();
    OrganizationView whole =
        OrganizationView.of(row(tx), member != null && own ? member.wire() : usual);
    boolean confined =
        asking.delegation() != null
            || asking.externalUser() != null
            || asking.workspace() != null
            || asking.sandboxes() != null;
    return confined ? whole.withoutBalance() : whole;
  }

  /** Those of the person who logged in, or the one of the key: no key acts in another. */
  private Page<OrganizationView> organizations(Call call) {
    String user = call.principal().standing().user();
    if (user == null || !type(call.principal()).equals("session")) {
      return store.transaction(
          call.principal(), tx -> Page.whole(List.of(organization(tx, call.principal()))));
    }
    return store.system(tx ->
        Page.whole(
            tx.sql()
                .fetch(
                    "select "
                        + OrganizationView.COLUMNS
                        + """
                        , m.role as member_role from members m join organizations o on o.org = m.org
                        where m.user_id = ? and o.test_of is null order by o.name, o.org\
                        """,
                    user)
                .map(row -> OrganizationView.of(row, row.get("member_role", String.class)))));
  }

  /** Whether it is a part that somebody else was given, which does not tell who gave it. */
  private static boolean isGiven(Principal asking) {
    return asking.delegation() != null || asking.externalUser() != null;
  }

  /** The person behind the credential, as the organization knows that person. */
  private static @Nullable Map<String, Object> person(Tx tx, Principal asking) {
    String user = isGiven(asking) ? null : asking.standing().user();
    Record row =
        user == null
            ? null
            : tx.sql().fetchOne("select email, name from members where user_id = ?", user);
    return row == null || user == null
        ? null
        : Map.of(
            "id", user,
            "email", row.get("email", String.class),
            "name", row.get("name", String.class));
  }

  private static String type(Principal asking) {
    return asking.delegation() != null
        ? "token"
        : asking.key().value().startsWith("ses_") ? "session" : "api_key";
  }

  private WhoamiView whoami(Call call) {
    Principal asking = call.principal();
    return store.transaction(
        asking,
        tx -> {
          OrganizationView organization = organization(tx, asking);
          WorkspaceView workspace =
              WorkspaceView.of(
                  tx.within(asking.org())
                      .sql()
                      .fetchSingle(
                          "select "
                              + WorkspaceView.COLUMNS
                              + " from workspaces where case when cast(? as text) is null"
                              + " then is_default else id = ? end",
                          asking.workspace(),
                          asking.workspace()));
          Set<String> scopes = asking.scopes();
          return new WhoamiView(
              person(tx, asking),
              organization,
              isGiven(asking) ? workspace.withoutNotes() : workspace,
              organization.plan(),
              scopes == null ? List.of() : scopes.stream().sorted().toList(),
              Map.of(
                  "type", type(asking),
                  "id", asking.actor(),
                  "role", asking.role().wire(),
                  "mode", asking.isTest() ? "test" : "live"));
        });
  }
}

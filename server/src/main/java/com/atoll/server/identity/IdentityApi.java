package com.atoll.server.identity;

import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;

/** Organizations, workspaces and projects over HTTP. */
public final class IdentityApi implements Capability {
  private final Store store;
  private final Workspaces workspaces;

  /** The identity of a store. */
  public IdentityApi(Store store) {
    this.store = store;
    workspaces = new Workspaces(store);
  }

  /** What other capabilities ask about owners. */
  public static Identity identity() {
    return new Directory();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(organization());
    all.addAll(workspaces());
    all.addAll(LaterOrganizations.operations());
    return all;
  }

  private List<Operation<?, ?>> organization() {
    return List.of(
        read("/platform/tenants/current", "organizations.current", "Reads the organization.", "P1")
            .response(OrganizationView.class, Envelope.FLAT_MIRROR)
            .handle(call ->
                store.transaction(call.principal(), tx -> organization(tx, call.principal()))),
        read(
                "/platform/tenants",
                "organizations.list",
                "Lists the organizations of the credential.",
                "P2")
            .list(OrganizationView.class)
            .handle(call ->
                store.transaction(
                    call.principal(),
                    tx -> Page.whole(List.of(organization(tx, call.principal()))))),
        read("/tenant/plan", "organizations.plan", "Reads plan, limits and usage.", "P2")
            .response(PlanView.class, Envelope.FLAT_MIRROR)
            .handle(this::plan),
        read("/whoami", "organizations.whoami", "Says who the credential is.", "P2")
            .response(WhoamiView.class, Envelope.DATA)
            .handle(this::whoami));
  }

  private List<Operation<?, ?>> workspaces() {
    return List.of(
        read("/workspaces", "workspaces.list", "Lists workspaces.", "P2")
            .list(WorkspaceView.class)
            .handle(workspaces::list),
        write(Operation.post("/workspaces"), "workspaces.create", "Makes a workspace.")
            .idempotency(Idempotency.KEY)
            .request(NewWorkspace.class)
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(ErrorCode.WORKSPACE_NAME_EXISTS, ErrorCode.SLUG_TAKEN)
            .handle(workspaces::create),
        read("/workspaces/:id", "workspaces.get", "Reads a workspace.", "P2")
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaces::get),
        write(Operation.patch("/workspaces/:id"), "workspaces.update", "Changes a workspace.")
            .idempotency(Idempotency.NATURAL)
            .request(WorkspaceChange.class)
            .response(WorkspaceView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(workspaces::update),
        write(
                Operation.delete("/workspaces/:id"),
                "workspaces.delete",
                "Removes a workspace that owns nothing.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .run(workspaces::delete),
        read("/projects", "projects.list", "Lists projects.", "P2")
            .list(ProjectView.class)
            .query("workspace_id", "Only projects of this workspace.")
            .handle(workspaces::projects));
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
    return tx.sql().fetchSingle("select * from organizations where org = ?", tx.org().value());
  }

  private static OrganizationView organization(Tx tx, Principal asking) {
    return OrganizationView.of(row(tx), asking.role().manages() ? "admin" : "member");
  }

  private PlanView plan(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          Record row = row(tx);
          return new PlanView(
              row.get("org", String.class),
              row.get("name", String.class),
              row.get("plan", String.class),
              row.get("status", String.class),
              Map.of(),
              Map.of(),
              Map.of(),
              row.get("created_at", OffsetDateTime.class).toInstant(),
              row.get("updated_at", OffsetDateTime.class).toInstant());
        });
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
                          "select " + WorkspaceView.COLUMNS + " from workspaces where is_default"));
          Set<String> scopes = asking.scopes();
          return new WhoamiView(
              null,
              organization,
              workspace,
              organization.plan(),
              scopes == null ? List.of() : scopes.stream().sorted().toList(),
              Map.of("type", "api_key", "id", asking.key().value(), "role", asking.role().wire()));
        });
  }
}

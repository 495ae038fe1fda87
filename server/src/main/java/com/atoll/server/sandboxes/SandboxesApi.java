package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Create, find, change and destroy sandboxes. */
final class SandboxesApi {
  /** Some clients give up after 30 s: what a create waits for longer goes on without them. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(25);

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

  private final SandboxService sandboxes;
  private final Planner planner;
  private final Owners owners;
  private final SandboxViews views;
  private final SnapshotForks forks;
  private final Forks.Sources snapshots;
  private final Probes probes;

  SandboxesApi(
      SandboxService sandboxes,
      Planner planner,
      Owners owners,
      SandboxViews views,
      SnapshotForks forks,
      Forks.Sources snapshots,
      Probes probes) {
    this.forks = forks;
    this.snapshots = snapshots;
    this.probes = probes;
    this.sandboxes = sandboxes;
    this.planner = planner;
    this.owners = owners;
    this.views = views;
  }

  /** New labels of a sandbox. */
  record Tags(@Doc("All labels.") List<String> tags) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declareCreate(
                Operation.post("/sandboxes")
                    .id("sandboxes.create")
                    .summary("Creates a sandbox and answers when it runs."))
            .request(CreateSandbox.class)
            .besides(CreateSandbox.EXEC, CreateSandbox::runsCommands)
            .besides(CreateSandbox.ATTACH, CreateSandbox::attachesVolumes)
            .response(SandboxView.class, Envelope.FLAT_MIRROR)
            .handle(this::create),
        declareCreate(
                Operation.post("/sandboxes/:id/fork")
                    .id("sandboxes.fork")
                    .summary(
                        "Creates a sandbox that begins with the files of another; volumes stay there."))
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.SNAPSHOT_NOT_READY,
                ErrorCode.RESOURCE_STATE)
            .request(ForkSandbox.class)
            .besides("sandboxes.restore_snapshot", asked -> asked.snapshotId() != null)
            .response(ForkView.class, Envelope.FLAT_MIRROR)
            .handle(this::fork),
        filtered(Operation.get("/sandboxes"), "sandboxes.list")
            .summary("Lists sandboxes, newest first; destroyed ones only when asked for by state.")
            .priority("P1")
            .query("workspace_id", "Only those of this workspace.")
            .list(SandboxView.class)
            .usualLimit(Paging.UNASKED)
            .handle(this::list),
        filtered(Operation.get("/workspaces/:workspace_id/sandboxes"), "workspaces.sandboxes.list")
            .summary("Lists the sandboxes of a workspace, newest first.")
            .priority("P3")
            .errors(ErrorCode.NOT_FOUND)
            .list(SandboxView.class)
            .usualLimit(Paging.UNASKED)
            .handle(this::list),
        one(Operation.get("/sandboxes/:id"), "get", "Shows a sandbox.", "sandboxes:read")
            .priority("P1")
            .handle(call -> views.view(sandboxes.find(call.principal(), call.path("id")))),
        one(
                Operation.get("/sandboxes/by-name/:name"),
                "get_by_name",
                "Shows the newest sandbox of a name.",
                "sandboxes:read")
            .priority("P2")
            .handle(call -> views.view(sandboxes.byName(call.principal(), call.rawPath("name")))),
        one(Operation.patch("/sandboxes/:id"), "update", "Changes a sandbox.", "sandboxes:write")
            .priority("P2")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SLUG_TAKEN, ErrorCode.SANDBOX_DESTROYED, ErrorCode.POLICY_FORBIDS)
            .request(PatchSandbox.class)
            .handle(this::change),
        one(
                Operation.patch("/sandboxes/:id/tags"),
                "set_tags",
                "Replaces the labels of a sandbox.",
                "sandboxes:write")
            .priority("P3")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SANDBOX_DESTROYED)
            .request(Tags.class)
            .handle((call, body) ->
                views.view(
                    sandboxes
                        .alterations()
                        .change(sandbox(call), Changes.tags(Bounds.tags(body.tags()))))),
        Operation.delete("/sandboxes/:id")
            .id("sandboxes.delete")
            .summary("Destroys a sandbox and its files.")
            .priority("P1")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .run(this::delete));
  }

  private OperationBuilder<NoBody, NoBody> declareCreate(OperationBuilder<NoBody, NoBody> create) {
    return create
        .priority("P1")
        .scope("sandboxes:create")
        .idempotency(Idempotency.KEY)
        .query(
            "wait",
            "For how long the answer is held, once the sandbox runs, until it is ready: seconds,"
                + " or true (default) for 25, which is the most, or false for not at all.")
        .status(201)
        .errors(
            ErrorCode.SLUG_TAKEN,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.TEMPLATE_NOT_FOUND,
            ErrorCode.TEMPLATE_NOT_READY,
            ErrorCode.TEMPLATE_BUILDING,
            ErrorCode.PLAN_CAP_EXCEEDED,
            ErrorCode.WORKSPACE_NOT_FOUND,
            ErrorCode.PROJECT_NOT_FOUND,
            ErrorCode.ISOLATION_UNAVAILABLE,
            ErrorCode.NO_READY_MACHINE,
            ErrorCode.NO_CAPACITY,
            ErrorCode.NODE_UNAVAILABLE,
            ErrorCode.INVALID_SETUP_FILE,
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.MAINTENANCE,
            ErrorCode.CONFLICT,
            ErrorCode.RESOURCE_STATE,
            ErrorCode.POLICY_FORBIDS,
            ErrorCode.NOT_IMPLEMENTED)
        .onReplay(this::replay);
  }

  private static OperationBuilder<NoBody, SandboxView> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary, String scope) {
    return operation
        .id("sandboxes." + name)
        .summary(summary)
        .scope(scope)
        .errors(ErrorCode.SANDBOX_NOT_FOUND)
        .response(SandboxView.class, Envelope.FLAT_MIRROR);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  /** How long the caller has its answer held at most. */
  private static Duration patience(Call call) {
    String wait = call.query("wait");
    if (wait == null || wait.isEmpty() || wait.equals("true")) {
      return LONGEST_WAIT;
    }
    if (wait.equals("false")) {
      return Duration.ZERO;
    }
    if (!SECONDS.matcher(wait).matches()) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "wait");
    }
    long wished = Math.round(Double.parseDouble(wait) * 1000);
    return Duration.ofMillis(Math.min(wished, LONGEST_WAIT.toMillis()));
  }

  /** A call again is held as the first one was. */
  private void replay(Call call, ObjectNode answer) {
    Duration patience = patience(call);
    sandboxes.drive(call.principal().org(), answer);
    if (!answer.path("ready").asBoolean(true)) {
      probes.await(answer.path("id").asString(""), patience);
    }
    sandboxes.tellStart(answer);
  }

  private SandboxView create(Call call, CreateSandbox body) {
    Duration patience = patience(call);
    Plan bare =
        planner.plan(
            body,
            call.principal(),
            owners.of(call, body.ownership()),
            call.given(CreateWish.class));
    Plan plan = sandboxes.having(call, bare, body.volumes());
    long begun = System.nanoTime();
    Sandbox created = sandboxes.create(call, plan, views::view);
    if (plan.begin().equals(Plan.Begin.NOTHING)) {
      return views.view(created);
    }
    // What it began with may have failed by now, or it may have been destroyed.
    probes.await(created.id(), patience.minusNanos(System.nanoTime() - begun));
    return views.view(sandboxes.knownOrStored(call.principal(), created.id()));
  }

  private ForkView fork(Call call, ForkSandbox body) {
    String snapshot = body.snapshotId();
    if (snapshot == null) {
      return forks.createNow(call, sandbox(call), body);
    }
    forks.stored(call.principal(), call.path("id"));
    return forks.createOf(call, snapshots.of(call.principal(), snapshot), snapshot, body);
  }

  private SandboxView change(Call call, PatchSandbox body) {
    Sandbox sandbox = sandbox(call);
    Integer seconds = planner.lifetime(sandbox, body.timeoutSec(), call.given(LifeWish.class));
    Changes changes = body.changes(seconds);
    planner.require(sandbox, changes);
    return views.view(sandboxes.alterations().change(sandbox, changes));
  }

  private static OperationBuilder<NoBody, NoBody> filtered(
      OperationBuilder<NoBody, NoBody> operation, String id) {
    return operation
        .id(id)
        .scope("sandboxes:read")
        .query("state", "Only these states, separated by commas.")
        .query("tags", "Only those that have all of these tags, separated by commas.")
        .query("name", "Only those with this name.")
        .query("template_id", "Only those started from this template.")
        .query("metadata", "Only those whose metadata has all of this JSON object.")
        .query("started_after", "Only those that last started after this time, RFC 3339.")
        .query("order", "desc (default): newest first; asc: oldest first.")
        .query("project_id", "Only those of this project.")
        .query("external_workspace_id", "Only those of this workspace of the customer.")
        .query("external_user_id", "Only those of this user of the customer.")
        .query("external_project_id", "Only those of this project of the customer.");
  }

  private Page<SandboxView> list(Call call) {
    return sandboxes.page(call).map(views::view);
  }

  private void delete(Call call) {
    sandboxes.destroy(call.principal(), call.path("id"));
  }
}

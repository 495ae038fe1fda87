package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Json;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates a sandbox and runs its first command, in one round trip; and says what runs sandboxes.
 */
final class RunApi {
  static final int LONGEST_SECONDS = 600;
  private static final int USUAL_SECONDS = 50;

  /** Clients give up after 60 s: the command runs then, ready or not, and the answer says so. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static final int LONGEST_COMMAND = 512 << 10;

  private final SandboxService sandboxes;
  private final Planner planner;
  private final Owners owners;
  private final SandboxViews views;
  private final Machine machine;
  private final NodeClient node;
  private final Probes probes;

  RunApi(
      SandboxService sandboxes,
      Planner planner,
      Owners owners,
      SandboxViews views,
      Machine machine,
      NodeClient node,
      Probes probes) {
    this.sandboxes = sandboxes;
    this.planner = planner;
    this.owners = owners;
    this.views = views;
    this.machine = machine;
    this.node = node;
    this.probes = probes;
  }

  /** A sandbox to create and a command to run in it. */
  record Run(
      @Doc(value = "Shell line.", min = 1, max = RunApi.LONGEST_COMMAND) String command,
      @Doc(
              value = "Seconds until the command is killed; default 50.",
              min = 1,
              max = RunApi.LONGEST_SECONDS)
          @Nullable Integer timeout,
      @JsonUnwrapped CreateSandbox create) {}

  /** What the command did. */
  record Exec(
      @Doc("Standard output, at most 1 MiB.") String stdout,
      @Doc("Standard error, at most 1 MiB.") String stderr,
      @Doc("Exit code; 124 for the time-out.") int exitCode,
      @Doc("How long it took.") long durationMs,
      @Doc("Whether its time-out killed it.") boolean timedOut,
      @Doc("Whether output was cut at 1 MiB.") boolean truncated,
      @Doc("Whether its sandbox ended under it, or was paused because its time was over.")
          boolean sandboxEnded) {}

  /** The sandbox and what the command did. */
  record Ran(@JsonUnwrapped SandboxView sandbox, @Doc("What the command did.") Exec exec) {}

  /** What is answered when the command has been cut off: a call again runs it. */
  private record Begun(@JsonUnwrapped SandboxView sandbox) {}

  /** The largest sandbox. */
  record MaxShape(
      @Doc("CPUs.") int cpuCount,
      @Doc("Memory in MiB.") long memoryMb,
      @Doc("Disk in MiB.") long diskSizeMb) {}

  /** What a runtime can do. */
  record Abilities(
      @Doc("Whether browsers run.") boolean browser,
      @Doc("Whether it reaches the network.") boolean networkEgress,
      @Doc("Whether files stay over a pause.") boolean persistence,
      @Doc("Whether it pauses.") boolean pause,
      @Doc("Whether it has GPUs.") boolean gpu,
      @Doc("The largest sandbox.") MaxShape maxShape) {}

  /** A runtime. */
  record RuntimeView(
      @Doc("Id.") String id,
      @Doc("What a create names it.") String runtimeProfile,
      @Doc("Name.") String label,
      @Doc("What it is.") String description,
      @Doc("Whether a create takes it that names none.") @JsonProperty("default") boolean usual,
      @Doc("Whether it can be used.") boolean available,
      @Doc("Why not.") @Nullable String unavailableReason,
      @Doc("What it can do.") Abilities capabilities) {}

  /** All runtimes. */
  record Runtimes(@Doc("Runtimes.") List<RuntimeView> data) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/sandboxes/run")
            .id("sandboxes.run")
            .summary("Creates a sandbox and runs its first command.")
            .priority("P2")
            .scope("sandboxes:create")
            .idempotency(Idempotency.KEY)
            .status(201)
            .errors(
                ErrorCode.SLUG_TAKEN,
                ErrorCode.TEMPLATE_NOT_FOUND,
                ErrorCode.TEMPLATE_NOT_READY,
                ErrorCode.TEMPLATE_BUILDING,
                ErrorCode.PLAN_CAP_EXCEEDED,
                ErrorCode.NOT_IMPLEMENTED,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.PROJECT_NOT_FOUND,
                ErrorCode.ISOLATION_UNAVAILABLE,
                ErrorCode.NO_READY_MACHINE,
                ErrorCode.NO_CAPACITY,
                ErrorCode.NODE_UNAVAILABLE,
                ErrorCode.INSUFFICIENT_SCOPE,
                ErrorCode.INSUFFICIENT_CREDITS,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.MAINTENANCE)
            .request(Run.class)
            .besides(CreateSandbox.ATTACH, asked -> asked.create().attachesVolumes())
            .response(Ran.class, Envelope.FLAT_MIRROR)
            .onReplay(this::replay)
            .handle(this::run),
        Operation.get("/sandboxes/runtimes")
            .id("sandboxes.runtimes")
            .summary("Lists what runs sandboxes.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .response(Runtimes.class, Envelope.FLAT)
            .handle(call -> runtimes()));
  }

  private Ran run(Call call, Run body) {
    call.principal().requireScope("sandboxes:exec");
    CreateSandbox create = body.create();
    Plan bare = planner.plan(create, call.principal().org(), owners.of(call, create.ownership()));
    Plan plan = sandboxes.having(call, bare, create.volumes());
    // The key names it from now on; what the command did is the other part of the answer.
    return ran(call, sandboxes.create(call, plan, row -> new Begun(views.view(row))), body);
  }

  private Ran ran(Call call, Sandbox sandbox, Run body) {
    String id = sandbox.id();
    probes.await(id, PATIENCE);
    Exec exec;
    try {
      exec = exec(call, id, body);
    } catch (AtollException cut) {
      // A call again makes another one, and nobody would know of this one.
      sandboxes.takeBack(sandbox);
      throw cut;
    }
    // It may have become ready since, or the command may have ended it.
    Ran ran = new Ran(views.view(sandboxes.knownOrStored(call.principal(), id)), exec);
    sandboxes.answered(call, ran, id);
    return ran;
  }

  /** The process of the server that began it may have ended before the command had. */
  private void replay(Call call, ObjectNode answer) {
    if (answer.path("exec").isObject()) {
      return;
    }
    String id = answer.path("id").asString("");
    Sandbox sandbox = sandboxes.find(call.principal(), id);
    if (sandbox.state() == SandboxState.DESTROYED) {
      sandboxes.takeBack(sandbox);
      throw AtollException.of(ErrorCode.NODE_UNAVAILABLE).retryAfter(1);
    }
    sandboxes.drive(call.principal().org(), answer);
    call.answerInstead(answer, ran(call, sandbox, Json.bind(Run.class, call.json())));
  }

  private Exec exec(Call call, String id, Run body) {
    OrganizationId org = call.principal().org();
    long room = node.room().take(org);
    call.atEnd(() -> node.room().give(org, room));
    int seconds = body.timeout() == null ? USUAL_SECONDS : body.timeout();
    RunRequest request =
        RunRequest.newBuilder()
            .setWorkloadId(id)
            .setCommand(
                CommandSpec.newBuilder()
                    .setShell(body.command())
                    .setTold(true)
                    .setTimeoutMs(seconds * 1000L))
            .setOutputLimit(room)
            .build();
    RunReply reply = call.attended(() -> node.processes().runOnce(request));
    return new Exec(
        reply.getStdout().toStringUtf8(),
        reply.getStderr().toStringUtf8(),
        reply.getTimedOut() ? 124 : reply.getExitCode(),
        reply.getDurationMicros() / 1000,
        reply.getTimedOut(),
        reply.getStdoutCut() || reply.getStderrCut(),
        reply.getMachineEnded());
  }

  private Runtimes runtimes() {
    var has = machine.describe();
    MaxShape largest = new MaxShape(has.getCpus(), has.getMemoryTotalMb(), has.getDiskTotalMb());
    Abilities abilities =
        new Abilities(true, true, true, true, !has.getGpusList().isEmpty(), largest);
    return new Runtimes(
        List.of(
            new RuntimeView(
                "auto",
                "auto",
                "Automatic",
                "The best runtime that the machine has.",
                false,
                true,
                null,
                abilities),
            new RuntimeView(
                "firecracker",
                "standard",
                "Standard",
                "Isolated by " + String.join(", ", has.getIsolationList()) + ".",
                true,
                true,
                null,
                abilities)));
  }
}

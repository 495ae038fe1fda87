package com.atoll.server.sandboxes;

import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Deed;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pause, resume, prolong a sandbox, and learn whether it is ready. */
final class SandboxStatesApi {
  private static final String READY = "ready";
  private static final String PROBE = "internal_probe";

  /** A client that has gone is not waited for much longer. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final List<String> COMPONENTS =
      List.of(
          "command_agent",
          "process_control",
          "resource_contract",
          "clock",
          "identity",
          "durability",
          "filesystem",
          PROBE);

  private final SandboxService sandboxes;
  private final Lifecycle lifecycle;
  private final Planner planner;
  private final SandboxViews views;
  private final Probes probes;

  SandboxStatesApi(
      SandboxService sandboxes,
      Lifecycle lifecycle,
      Planner planner,
      SandboxViews views,
      Probes probes) {
    this.probes = probes;
    this.planner = planner;
    this.sandboxes = sandboxes;
    this.lifecycle = lifecycle;
    this.views = views;
  }

  /** How to pause. */
  record Pause(
      @Doc(
              value =
                  "Seconds for which memory is kept at most, besides the files; then processes end. Default 600,"
                      + " and for ever under gVisor, where it is on disk. Of a paused sandbox, from now on.",
              min = 1,
              max = 604_800)
          @Nullable Integer keepMemorySec) {
    int keep() {
      return keepMemorySec == null ? 0 : keepMemorySec;
    }
  }

  /** What a resume may change. */
  record Resume(
      @Doc("Environment to add.") @Nullable Map<String, String> env,
      @Doc(
              "Seconds of lifetime, 0 for no end, from this resume on and at each one after it. One"
                  + " that runs already has at least so many from now on.")
          @Nullable Integer timeoutSec,
      @Doc("Machine template; not in this release.") @JsonAlias({"environment_id", "env_id"})
          @Nullable String environment) {}

  /** How much longer. */
  record Extend(
      @Doc("Seconds from now, 0 for no end; absent: its own lifetime again.")
          @Nullable Integer timeoutSec) {}

  /** Whether a sandbox is ready. */
  record Readiness(
      @Doc(
              "Whether it takes commands now, or wakes up for them, and its readiness probe, if it was"
                  + " created with one, has passed.")
          boolean ready,
      @Doc("ready, provisioning or error.") String status,
      @Doc("State of the sandbox.") String state,
      @Doc("Why it is not ready, when its probe did not pass in time.") @Nullable String reason,
      @Doc("Each part of it: ready, or what it is.") Parts readiness) {}

  /** The parts that readiness is made of. */
  record Parts(@Doc("Each part of it: ready, or what it is.") Map<String, String> components) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        state(
                Operation.post("/sandboxes/:id/pause"),
                "pause",
                "Stops compute and keeps files, and memory for a while.")
            .idempotency(Idempotency.NATURAL)
            .request(Pause.class)
            .handle((call, body) -> views.view(lifecycle.pause(sandbox(call), true, body.keep()))),
        state(Operation.post("/sandboxes/:id/stop"), "stop", "Ends all processes and keeps files.")
            .idempotency(Idempotency.NATURAL)
            .handle(call -> views.view(lifecycle.pause(sandbox(call), false, 0))),
        state(Operation.post("/sandboxes/:id/resume"), "resume", "Starts compute again.")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.NOT_IMPLEMENTED)
            .request(Resume.class)
            .handle(this::resume),
        state(
                Operation.post("/sandboxes/:id/extend"),
                "extend",
                "Prolongs its lifetime; never shortens it.")
            .priority("P2")
            .idempotency(Idempotency.NATURAL)
            .request(Extend.class)
            .handle(this::extend),
        Operation.get("/sandboxes/:id/readiness")
            .id("sandboxes.readiness")
            .summary("Says whether a sandbox is ready.")
            .priority("P1")
            .scope("sandboxes:read")
            .rateExempt()
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .response(Readiness.class, Envelope.FLAT_MIRROR)
            .handle(call -> readiness(sandboxes.knownOrStored(call.principal(), call.path("id")))),
        Operation.get("/sandboxes/:id/readiness/stream")
            .id("sandboxes.readiness_stream")
            .summary("Says when a sandbox is ready, and ends.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .events()
            .run(this::stream));
  }

  private static OperationBuilder<NoBody, SandboxView> state(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P1")
        .scope("sandboxes:write")
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.NODE_UNAVAILABLE)
        .response(SandboxView.class, Envelope.FLAT_MIRROR);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private SandboxView resume(Call call, Resume body) {
    Planner.refuseEnvironment(body.environment());
    Sandbox sandbox = sandbox(call);
    Map<String, String> env = body.env();
    if (env != null && !env.isEmpty()) {
      sandboxes.variables().set(sandbox, Bounds.env(env), Set.of());
    }
    Integer asked = planner.lifetime(sandbox, body.timeoutSec(), call.given(LifeWish.class));
    if (asked == null) {
      return views.view(lifecycle.resume(sandbox));
    }
    int seconds = Bounds.seconds("timeout_sec", asked, sandbox.timeoutSec());
    planner.requireLifetime(sandbox, seconds);
    return views.view(
        lifecycle.resume(
            sandbox,
            asleep -> sandboxes.alterations().change(asleep, Changes.timeout(seconds)),
            awake -> sandboxes.alterations().extend(awake, seconds)));
  }

  private SandboxView extend(Call call, Extend body) {
    Sandbox sandbox = sandbox(call);
    Integer asked = planner.lifetime(sandbox, body.timeoutSec(), call.given(LifeWish.class));
    int seconds = Bounds.seconds("timeout_sec", asked, sandbox.timeoutSec());
    planner.requireLifetime(sandbox, seconds);
    return views.view(sandboxes.alterations().extend(sandbox, seconds));
  }

  private Readiness readiness(Sandbox sandbox) {
    String machine =
        switch (sandbox.state()) {
          // A paused sandbox wakes up for the first command, so clients need not wait for it.
          case RUNNING, PAUSED -> READY;
          case CREATING -> "provisioning";
          case ERROR, DESTROYED -> "error";
        };
    String probe =
        switch (probes.standing(sandbox)) {
          case READY -> READY;
          case WAITING -> "provisioning";
          case FAILED -> "error";
        };
    String status = machine.equals(READY) ? probe : machine;
    Map<String, String> components = new LinkedHashMap<>();
    COMPONENTS.forEach(component -> components.put(component, machine));
    components.put(PROBE, status);
    return new Readiness(
        status.equals(READY),
        status,
        sandbox.state().wire(),
        probes.failure(sandbox),
        new Parts(components));
  }

  private void stream(Call call) {
    Sandbox sandbox = sandboxes.knownOrStored(call.principal(), call.path("id"));
    Deed.about(sandbox.subject());
    EventStream events = call.events();
    while (probes.standing(sandbox) == Probes.Standing.WAITING && events.connected()) {
      probes.awaitNews(sandbox.id(), LOOK);
    }
    Readiness readiness = readiness(sandboxes.knownOrStored(call.principal(), sandbox.id()));
    if (readiness.ready()) {
      events.send("ready", Map.of("sandbox_id", sandbox.id(), "ready_at", Instant.now()));
    } else {
      events.send("timeout", Map.of("sandbox_id", sandbox.id(), "reason", reason(readiness)));
    }
  }

  private static String reason(Readiness readiness) {
    if (readiness.state().equals(SandboxState.DESTROYED.wire())) {
      return "destroyed";
    }
    return readiness.reason() == null ? "not ready" : readiness.reason();
  }
}

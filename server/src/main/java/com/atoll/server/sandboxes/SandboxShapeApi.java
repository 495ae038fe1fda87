package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Shape;
import com.atoll.node.v1.NodeDescription;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How large a sandbox is, what it uses, and what machines offer. */
final class SandboxShapeApi {
  private final SandboxService sandboxes;
  private final SandboxViews views;
  private final Machine machine;
  private final Planner planner;

  SandboxShapeApi(SandboxService sandboxes, Planner planner, SandboxViews views, Machine machine) {
    this.planner = planner;
    this.sandboxes = sandboxes;
    this.views = views;
    this.machine = machine;
  }

  /** A new size. */
  record Resize(
      @Doc("CPUs.") @JsonAlias("cpu") @Nullable Integer cpuCount,
      @Doc("Memory in MiB.") @Nullable Integer memoryMb,
      @Doc("Disk in MiB; it only grows.") @JsonAlias("disk_mb") @Nullable Integer diskSizeMb,
      @Doc("Named size; a disk that is larger stays.") @Nullable String size) {}

  /** CPUs and memory. */
  record Resources(
      @Doc("CPUs.") int cpu,
      @Doc("Memory in MiB.") int memoryMb,
      @Doc("Disk in MiB.") int diskSizeMb) {}

  /** What can change while it runs. */
  record Capabilities(
      @Doc("Whether CPUs change without a restart.") boolean liveCpu,
      @Doc("Whether memory changes without a restart.") boolean liveMemory,
      @Doc("Most CPUs.") int maxCpu,
      @Doc("Most memory in MiB.") long maxMemoryMb,
      @Doc("Why something does not change while it runs.") @Nullable String reason) {}

  /** The size of a sandbox. */
  record Size(
      @Doc("Id of the sandbox.") String id,
      @Doc("Its size.") Resources resources,
      @Doc("What can change while it runs.") Capabilities capabilities) {}

  /** What a resize did. */
  record Resized(
      @Doc("Id of the sandbox.") String id,
      @Doc("Whether it was changed without a restart.") boolean appliedLive,
      @Doc("Whether a restart is needed.") boolean requiresRestart,
      @Doc("What changed: old and new.") Map<String, Map<String, Integer>> changes,
      @Doc("Its size now.") Resources resources,
      @Doc("What can change while it runs.") Capabilities capabilities,
      @Doc("What it costs; nothing here.") Map<String, Object> billing) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandboxes/:id/resources")
            .id("sandboxes.resources")
            .summary("Shows the size of a sandbox and what of it can change while it runs.")
            .priority("P1")
            .scope("sandboxes:read")
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .response(Size.class, Envelope.FLAT_MIRROR)
            .handle(this::size),
        Operation.patch("/sandboxes/:id/resources")
            .id("sandboxes.set_resources")
            .summary(
                "Changes the size of a sandbox, while it runs where its isolation can: requires_restart says when"
                    + " it holds after a stop and a resume.")
            .priority("P1")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.RESIZE_UNSUPPORTED,
                ErrorCode.PLAN_CAP_EXCEEDED,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.POLICY_FORBIDS)
            .request(Resize.class)
            .response(Resized.class, Envelope.FLAT_MIRROR)
            .handle(this::resize),
        Operation.post("/sandboxes/:id/resize")
            .id("sandboxes.resize")
            .summary("Changes the size of a sandbox and shows the sandbox.")
            .priority("P3")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.RESIZE_UNSUPPORTED,
                ErrorCode.PLAN_CAP_EXCEEDED,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.POLICY_FORBIDS)
            .request(Resize.class)
            .response(SandboxView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> {
              resize(call, body);
              return views.view(sandboxes.require(call.principal(), call.path("id")));
            }));
  }

  private Size size(Call call) {
    Sandbox sandbox = sandboxes.require(call.principal(), call.path("id"));
    return new Size(sandbox.id(), resources(sandbox.shape()), capabilities(sandbox));
  }

  private Resized resize(Call call, Resize asked) {
    Sandbox sandbox = sandboxes.require(call.principal(), call.path("id"));
    Shape old = sandbox.shape();
    Shape wanted = allowed(sandbox, old, asked);
    Sandbox changed =
        sandboxes
            .alterations()
            .resize(sandbox, now -> now.equals(old) ? wanted : allowed(sandbox, now, asked));
    Shape shape = changed.shape();
    Map<String, Map<String, Integer>> changes = new LinkedHashMap<>();
    change(changes, "cpu_count", old.cpus(), shape.cpus());
    change(changes, "memory_mb", old.memoryMb(), shape.memoryMb());
    change(changes, "disk_size_mb", old.diskMb(), shape.diskMb());
    boolean live = growsLive(sandbox) || changes.keySet().stream().allMatch("disk_size_mb"::equals);
    return new Resized(
        sandbox.id(), live, !live, changes, resources(shape), capabilities(sandbox), Map.of());
  }

  private Shape allowed(Sandbox sandbox, Shape old, Resize asked) {
    Shape wanted = wanted(old, asked);
    if (wanted.diskMb() < old.diskMb()) {
      throw AtollException.of(ErrorCode.RESIZE_UNSUPPORTED, "a disk only grows");
    }
    planner.require(sandbox, wanted);
    machine.requireGrowth(wanted);
    return wanted;
  }

  private static Shape wanted(Shape old, Resize asked) {
    if (asked.size() != null) {
      // The disk of a named size is a least: one that is larger stays as it is.
      Integer disk =
          asked.diskSizeMb() == null ? Integer.valueOf(old.diskMb()) : asked.diskSizeMb();
      return Shape.resolve(asked.size(), asked.cpuCount(), asked.memoryMb(), disk);
    }
    if (asked.cpuCount() == null && asked.memoryMb() == null && asked.diskSizeMb() == null) {
      throw AtollException.invalid("cpu_count", "or memory_mb is required");
    }
    return Shape.resolve(
        null,
        asked.cpuCount() == null ? old.cpus() : asked.cpuCount(),
        asked.memoryMb() == null ? old.memoryMb() : asked.memoryMb(),
        asked.diskSizeMb() == null ? old.diskMb() : asked.diskSizeMb());
  }

  private static void change(
      Map<String, Map<String, Integer>> changes, String name, int from, int to) {
    if (from != to) {
      changes.put(name, Map.of("from", from, "to", to));
    }
  }

  private static Resources resources(Shape shape) {
    return new Resources(shape.cpus(), shape.memoryMb(), shape.diskMb());
  }

  private Capabilities capabilities(Sandbox sandbox) {
    NodeDescription has = machine.describe();
    boolean live = growsLive(sandbox);
    return new Capabilities(
        live,
        live,
        has.getCpus(),
        has.getMemoryTotalMb(),
        live
            ? null
            : "a virtual machine has the processors and the memory that it was started with: stop and"
                + " resume it");
  }

  /** Whether processors and memory are a limit around processes, rather than a machine's own. */
  private static boolean growsLive(Sandbox sandbox) {
    return !sandbox.isolation().equals("microvm");
  }
}

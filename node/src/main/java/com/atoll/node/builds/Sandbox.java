package com.atoll.node.builds;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestProcesses;
import com.atoll.node.guest.RecordFrames;
import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import com.atoll.node.runtime.Machine;
import com.atoll.node.workloads.ClaimSpec;
import com.atoll.node.workloads.Shape;
import com.atoll.node.workloads.Terms;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.WorkloadRecord.Origin;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The workload that a build works in, of the same make as any sandbox. */
final class Sandbox implements AutoCloseable {
  /** Workloads of builds; "~" keeps them out of what the server is told. */
  static final String PREFIX = "build~";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Workloads workloads;
  private final String id;

  private Sandbox(Workloads workloads, String id) {
    this.workloads = workloads;
    this.id = id;
  }

  /** On an image as it is. */
  static Sandbox on(Workloads workloads, Image image, Shape shape) {
    Sandbox sandbox = new Sandbox(workloads, newId());
    workloads.claimOn(image, spec(workloads, sandbox.id, shape));
    return sandbox;
  }

  /** On an image and a copy of a frozen tree over it. */
  static Sandbox on(Workloads workloads, Image image, String tree, Shape shape) {
    Sandbox sandbox = new Sandbox(workloads, newId());
    Origin origin = new Origin(image.templateId(), image.digest(), tree);
    workloads.claimFrom(origin, spec(workloads, sandbox.id, shape));
    return sandbox;
  }

  private static String newId() {
    return PREFIX + UUID.randomUUID();
  }

  private static ClaimSpec spec(Workloads workloads, String id, Shape shape) {
    Terms terms =
        new Terms("build", shape, Map.of(), List.of(), 0, 0, false)
            .under(workloads.autoIsolation());
    return new ClaimSpec(id, "", terms, 0, true);
  }

  WorkloadRecord record() {
    return workloads.get(id);
  }

  Use use() {
    return workloads.use(id);
  }

  /** Its files as they are, kept under another id. */
  void freeze(String tree) {
    var _ = workloads.keepTree(id, tree);
  }

  /** How a command is run for a recipe. */
  static Command command(Recipe recipe, String line, String user, @Nullable Duration limit) {
    return new Command(
        line,
        List.of(),
        recipe.workdir(),
        recipe.env(),
        user,
        limit,
        new byte[0],
        false,
        0,
        0,
        false);
  }

  /** How a command of a step is run: a shell line, or words when there is none. */
  static Command command(Step step, List<String> words, String user, Duration limit) {
    return new Command(
        words.isEmpty() ? step.line() : null,
        words,
        step.workdir(),
        step.env(),
        user,
        limit,
        new byte[0],
        false,
        0,
        0,
        false);
  }

  /** Runs a command to its end, its output into the log. Answers its exit code. */
  int run(Command command, BuildLog log) {
    try (Use use = use()) {
      Machine machine = use.machine();
      GuestProcesses.Started started = machine.guest().processes().startAndFollow(command, "build");
      try (RecordFrames frames = new RecordFrames(started.records())) {
        RecordFrames.Frame frame = frames.next();
        while (frame != null) {
          if (frame.stream() == RecordFrames.EXIT) {
            return exitCode(frame.payload());
          }
          if (frame.stream() != RecordFrames.GAP) {
            log.append(frame.payload());
          }
          frame = frames.next();
        }
      }
      throw BuildFailure.step("the sandbox of the step ended");
    } catch (IOException | GuestException e) {
      throw BuildFailure.step("the sandbox of the step: " + e.getMessage());
    } catch (NodeFault e) {
      throw BuildFailure.step(e.sentence());
    }
  }

  private static int exitCode(byte[] payload) {
    try {
      return JSON.readTree(payload).path("exit_code").asInt(-1);
    } catch (JacksonException e) {
      return -1;
    }
  }

  /** Ends it, from whatever thread: what runs in it breaks off. */
  @Override
  public void close() {
    workloads.destroy(id);
  }
}

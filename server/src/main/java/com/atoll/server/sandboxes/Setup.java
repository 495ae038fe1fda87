package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.server.machines.NodeClient;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a new sandbox does before it is handed over, and what it starts then. */
final class Setup {
  private static final Logger LOG = LoggerFactory.getLogger(Setup.class);

  /** A create answers within 25 s. */
  static final int LONGEST_SECONDS = 20;

  /** What the shell calls itself in what it says about the script. */
  private static final String NAME = "setup_file";

  private static final int SHOWN = 500;

  /** For so long after its creation a start that its sandbox has no use for now is tried again. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final NodeClient node;
  private final Clones clones;

  Setup(NodeClient node, Clones clones) {
    this.node = node;
    this.clones = clones;
  }

  /**
   * Runs a script that must succeed. It comes as an argument: as input, the first of its commands
   * that reads would swallow the rest of it.
   */
  void run(String id, String script) {
    CommandSpec command =
        CommandSpec.newBuilder()
            .addAllWords(List.of("/bin/bash", "-c", "--", script, NAME))
            .setTimeoutMs(LONGEST_SECONDS * 1000L)
            .build();
    RunReply reply =
        node.processes().run(RunRequest.newBuilder().setWorkloadId(id).setCommand(command).build());
    if (reply.getTimedOut()) {
      String said = tail(reply.getStderr());
      throw AtollException.of(
          ErrorCode.INVALID_SETUP_FILE,
          "it did not end within " + LONGEST_SECONDS + " s" + (said.isEmpty() ? "" : ": " + said));
    }
    if (reply.getExitCode() != 0) {
      throw AtollException.of(
          ErrorCode.INVALID_SETUP_FILE,
          "it ended with code " + reply.getExitCode() + ": " + tail(reply.getStderr()));
    }
  }

  /**
   * Starts what the caller wants to run from the beginning; a failure shows in the processes, that
   * of a clone in the sandbox too. While the machine is away or pauses nothing has failed.
   *
   * @param again whether some of it may run already
   * @param after takes what is to be done once it is stored that they were started
   */
  void start(Sandbox sandbox, List<Plan.Start> starts, boolean again, Consumer<Runnable> after) {
    Map<String, Process> there = again ? processes(sandbox) : Map.of();
    AtollException passing = null;
    for (Plan.Start start : starts) {
      boolean clone = start.name().equals(Planner.CLONE);
      try {
        Process known = there.get(start.name());
        Process begun = known == null ? started(sandbox, start) : known;
        if (clone) {
          after.accept(() -> clones.begun(sandbox, begun));
        }
      } catch (AtollException refused) {
        if (isAway(refused)) {
          throw refused;
        }
        if (mayPass(refused, sandbox)) {
          passing = refused;
          continue;
        }
        LOG.info("{} did not start in {}: {}", start.name(), sandbox.id(), refused.getMessage());
        if (clone) {
          after.accept(() -> clones.failed(sandbox, String.valueOf(refused.getMessage())));
        }
      }
    }
    if (passing != null) {
      throw passing;
    }
  }

  private static boolean isAway(AtollException refused) {
    return refused.code() == ErrorCode.NODE_UNAVAILABLE
        || refused.code() == ErrorCode.SANDBOX_NOT_RUNNING;
  }

  /** Whether it may be the middle of a pause; what is wrong with a process has the same code. */
  private static boolean mayPass(AtollException refused, Sandbox sandbox) {
    return refused.code() == ErrorCode.RESOURCE_STATE
        && sandbox.createdAt().plus(PATIENCE).isAfter(Planner.now());
  }

  private Process started(Sandbox sandbox, Plan.Start start) {
    return node.processes()
        .start(
            StartRequest.newBuilder()
                .setWorkloadId(sandbox.id())
                .setName(start.name())
                .setCommand(start.command())
                .build());
  }

  private Map<String, Process> processes(Sandbox sandbox) {
    Map<String, Process> byName = new HashMap<>();
    node.processes()
        .listProcesses(
            ListProcessesRequest.newBuilder().setWorkloadId(sandbox.id()).setWakes(true).build())
        .getProcessesList()
        .forEach(process -> byName.put(process.getName(), process));
    return byName;
  }

  private static String tail(ByteString bytes) {
    String text = bytes.toString(StandardCharsets.UTF_8).strip();
    return text.length() <= SHOWN ? text : text.substring(text.length() - SHOWN);
  }
}

package com.atoll.server.services;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.server.machines.NodeClient;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a service does, as its sandbox tells. The sandbox may lie; nothing but its own owner's view
 * depends on it.
 *
 * @param status pending, running, stopped or failed
 * @param pid the process of the service; null when none runs
 * @param exitCode of its last end; null when it has not ended yet
 * @param restarts how often it was started again
 * @param reason why it does not run; null when it does, or need not
 */
record Observed(
    String status,
    @Nullable Long pid,
    @Nullable Integer exitCode,
    @Nullable Integer restarts,
    @Nullable String reason) {
  private static final String NAME = "service:";
  private static final Pattern STATE =
      Pattern.compile("(running|waiting|ended) ([0-9]{1,9}) (-|[0-9]{1,3}) (-|[0-9]{1,9})\n");
  private static final int LONGEST_STATE = 64;

  /** Of a service whose sandbox does not run, or that nobody has started. */
  static Observed absent(Service service) {
    return new Observed(service.wanted() ? "pending" : "stopped", null, null, null, null);
  }

  /** Of a service that its machine has refused to start. */
  static Observed refused(String reason) {
    return new Observed("failed", null, null, null, reason);
  }

  /** What its supervising process is called. */
  static String processName(Service service) {
    return NAME + service.name();
  }

  /**
   * Where its supervising process writes what it is doing: by name, which it shares with the
   * service of a fork whose processes go on from those of the source.
   */
  static String stateFile(Service service) {
    return "/run/atoll/services/" + service.name() + ".state";
  }

  /**
   * The newest process of each service of a sandbox that runs, by name of the service. One that is
   * being paused is not woken for it, and refuses.
   */
  static Map<String, Process> processes(NodeClient node, String sandboxId) {
    Map<String, Process> newest = new HashMap<>();
    for (Process process :
        node.processes()
            .listProcesses(ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).build())
            .getProcessesList()) {
      if (process.getName().startsWith(NAME)) {
        newest.merge(
            process.getName().substring(NAME.length()),
            process,
            (before, now) -> isNewer(now, before) ? now : before);
      }
    }
    return newest;
  }

  private static boolean isNewer(Process now, Process before) {
    return isRunning(now) != isRunning(before)
        ? isRunning(now)
        : now.getStartedUnixMs() >= before.getStartedUnixMs();
  }

  static boolean isRunning(Process process) {
    return process.getState() == ProcessState.PROCESS_RUNNING;
  }

  static Observed of(NodeClient node, Service service, @Nullable Process process) {
    if (process == null) {
      return absent(service);
    }
    String text = state(node, service);
    Matcher told = STATE.matcher(text);
    boolean known = told.matches();
    Integer starts = known ? Integer.valueOf(told.group(2)) : null;
    if (isRunning(process)) {
      // Before its first word the supervising process runs, but the service may not yet.
      boolean runs = known && told.group(1).equals("running");
      Integer last = known && !told.group(3).equals("-") ? Integer.valueOf(told.group(3)) : null;
      return new Observed(
          runs ? "running" : "pending",
          runs ? number(told.group(4)) : null,
          last,
          starts,
          runs || last == null ? null : ended(last) + " It is started again.");
    }
    int code = process.getExitCode();
    boolean failed = service.wanted() && code != 0;
    Integer restarts = starts == null ? null : Integer.valueOf(Math.max(0, starts - 1));
    return new Observed(
        failed ? "failed" : "stopped", null, code, restarts, failed ? ended(code) : null);
  }

  private static String ended(int code) {
    return "It ended with code " + code + "; its log may say why.";
  }

  private static @Nullable Long number(String text) {
    return text.equals("-") ? null : Long.valueOf(text);
  }

  private static String state(NodeClient node, Service service) {
    try {
      return node.files()
          .readSmall(
              ReadSmallRequest.newBuilder()
                  .setWorkloadId(service.sandboxId())
                  .setPath(stateFile(service))
                  .setLimit(LONGEST_STATE)
                  .setOnlyLooks(true)
                  .build())
          .getContent()
          .toStringUtf8();
    } catch (AtollException unreadable) {
      return "";
    }
  }
}

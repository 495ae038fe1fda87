package com.atoll.node.instances;

import com.atoll.node.workloads.Shape;
import java.util.Map;

/**
 * An instance, as it lies on disk.
 *
 * @param id its id
 * @param spec what to run
 * @param wanted whether it shall run; a stopped one is kept for its logs
 * @param incarnation of the workload in which the command was last started
 * @param pid of the command inside; 0 when none was started
 * @param restarts how often the command was started again
 * @param lastExitCode of the command; -1 when it never ended
 * @param startedMs when the command was last started, Unix milliseconds
 */
public record InstanceRecord(
    String id,
    Spec spec,
    boolean wanted,
    long incarnation,
    long pid,
    int restarts,
    int lastExitCode,
    long startedMs) {

  /** What no id of a caller can begin with. */
  static final String WORKLOAD_PREFIX = "instance~";

  /**
   * What an instance runs.
   *
   * @param releaseId the release that it starts from
   * @param templateId another template than the release's, or empty
   * @param command a shell line
   * @param port handed to it as PORT
   * @param healthPath asked by GET; empty = a connection is enough
   * @param healthTimeoutMs to the first good answer
   * @param env its variables
   * @param shape its limits
   * @param hostname its name inside
   */
  public record Spec(
      String releaseId,
      String templateId,
      String command,
      int port,
      String healthPath,
      long healthTimeoutMs,
      Map<String, String> env,
      Shape shape,
      String hostname) {}

  static InstanceRecord of(String id, Spec spec) {
    return new InstanceRecord(id, spec, true, 0, 0, 0, -1, 0);
  }

  InstanceRecord started(long newIncarnation, long newPid, boolean again, long nowMs) {
    return new InstanceRecord(
        id,
        spec,
        wanted,
        newIncarnation,
        newPid,
        again ? restarts + 1 : restarts,
        lastExitCode,
        nowMs);
  }

  InstanceRecord exited(int code) {
    return new InstanceRecord(id, spec, wanted, incarnation, 0, restarts, code, startedMs);
  }

  InstanceRecord unwanted() {
    return new InstanceRecord(id, spec, false, incarnation, pid, restarts, lastExitCode, startedMs);
  }

  /** The id of its workload: no caller can name it. */
  public String workloadId() {
    return workloadId(id);
  }

  /** The id of the workload of an instance. */
  public static String workloadId(String instanceId) {
    return WORKLOAD_PREFIX + instanceId;
  }
}

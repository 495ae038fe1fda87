package com.atoll.node.workloads;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.runtime.Machine;
import com.atoll.node.volumes.VolumeMount;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One workload in memory. Changed under its lock; read without. */
final class Entry {
  final String id;
  final ReentrantLock lock = new ReentrantLock();

  /** Calls and streams that use it now: it is not idle while there is one. */
  final AtomicInteger uses = new AtomicInteger();

  /** Calls that only look at it now. */
  final AtomicInteger looks = new AtomicInteger();

  /** When the last of either began; written before it is counted. */
  volatile long begunAtNanos;

  /** While it is set, calls that begin wait for the lock, and who only looks is refused. */
  volatile boolean pausing;

  /** Those of them that wait for the end of a command. */
  final Set<Use> commands = ConcurrentHashMap.newKeySet();

  /** Those of them whose stream is not to outlast the time of the workload. */
  final Set<Use> streams = ConcurrentHashMap.newKeySet();

  volatile long lastActivityMs;
  volatile @Nullable WorkloadRecord record;
  volatile @Nullable Machine machine;

  /** For lack of memory, when one of its commands was last looked at. */
  volatile MemoryKills seenKills = MemoryKills.NONE;

  /** The same, at the end of its last machine that ended by itself. */
  volatile MemoryKills lastKills = MemoryKills.NONE;

  /** What its last machine had used at its end; null when none has ended since the node began. */
  volatile @Nullable Consumption lastConsumption;

  /** Set when the entry has left the table; whoever waited for the lock looks again. */
  boolean gone;

  /** Starts of process 1 that ended soon, in a row. */
  int shortLives;

  long askedAtMs;

  /** Since when it is frozen, and for how long its memory is kept. */
  volatile long frozenAtMs;

  volatile long keepFrozenMs = Deadlines.KEEP_FROZEN_MS;

  /** The variables that its agent has; null when only the agent knows. */
  @Nullable Map<String, String> configured = Map.of();

  /** The volumes that its machine has; null after a start of the node: the kernel knows. */
  @Nullable List<VolumeMount> mounted = List.of();

  Entry(String id) {
    this.id = id;
  }

  /** Its record; destroyed ones have none. */
  WorkloadRecord live() {
    WorkloadRecord now = record;
    if (now == null || now.state() == State.DESTROYING) {
      throw unknown(id);
    }
    return now;
  }

  void touch(long nowMs) {
    lastActivityMs = nowMs;
  }

  static NodeFault unknown(String id) {
    return NodeFault.notFound("WORKLOAD_NOT_FOUND", "no workload " + id + " on this node");
  }
}

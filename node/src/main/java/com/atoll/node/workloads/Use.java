package com.atoll.node.workloads;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.runtime.Machine;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** One call's hold on a running workload: it counts as activity until it is closed. */
public final class Use implements AutoCloseable {
  private static final long END_HEARD_NANOS = 2_000_000_000;
  private static final long ANSWERED_NANOS = 2_000_000_000;
  private static final long LOOK_NANOS = 5_000_000;

  private final Entry entry;
  private final Machine machine;
  private final InstantSource clock;
  private volatile Runnable end = () -> {};
  private volatile Runnable late = () -> {};
  private volatile boolean answers;
  private volatile boolean cut;
  private volatile boolean closed;

  Use(Entry entry, Machine machine, InstantSource clock) {
    this.entry = entry;
    this.machine = machine;
    this.clock = clock;
  }

  /** Its processes. */
  public Machine machine() {
    return machine;
  }

  /**
   * Whether its processes have ended since, or do so now: with a stop or the end of the workload,
   * or by themselves, which is heard of a moment later.
   */
  public boolean ended() {
    long end = System.nanoTime() + END_HEARD_NANOS;
    while (machine.equals(entry.machine)) {
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  /**
   * Whether its processes, which have {@link #ended}, did so because memory ran out. In a container
   * the kernel may have killed another one than the first.
   */
  public boolean ranOutOfMemory(MemoryKills before) {
    MemoryKills last = entry.lastKills;
    return machine.isolation() != Isolation.CONTAINER
        && last.machine().equals(machine.id())
        && last.exceed(before);
  }

  /** Its processes that were killed for lack of memory until now. */
  MemoryKills killed(Cgroups cgroups) {
    MemoryKills now = new MemoryKills(machine.id(), cgroups.oomKills(machine.id()));
    entry.seenKills = now;
    return now;
  }

  /** Takes what ends the command that this call waits for. */
  public void command(Runnable kill) {
    end = kill;
    answers = true;
    entry.commands.add(this);
  }

  /**
   * Takes what ends the process that this call follows, where the time of the workload is over, and
   * what breaks its stream off when the end is not told in time: what is left of the process may
   * hold its output.
   */
  public void awaited(Runnable kill, Runnable close) {
    answers = true;
    late = close;
    stream(kill);
  }

  /** Takes what breaks the stream of this call off, where the time of the workload is over. */
  public void stream(Runnable close) {
    end = close;
    entry.streams.add(this);
  }

  /** Whether its command was ended with the workload, or before a pause. */
  public boolean isCut() {
    return cut;
  }

  /**
   * Ends the commands that calls wait for, before their workload ends, or is paused because its
   * time is over: nobody is there who would have it go on, and they hear what was said until then.
   * Also before a pause that no connection outlives: the agent inside ends them then, and nobody
   * hears.
   */
  static void cutCommands(Entry entry) {
    cut(List.copyOf(entry.commands));
  }

  /** The same, and ends streams that would stand still in a pause with nobody to resume them. */
  static void cutAll(Entry entry) {
    List<Use> all = new ArrayList<>(entry.commands);
    all.addAll(entry.streams);
    cut(all);
  }

  private static void cut(List<Use> all) {
    for (Use use : all) {
      use.cut = true;
      // A guest that reads nothing would hold up the pause, and whoever waits for the lock.
      Thread.ofVirtual().start(use.end);
    }
    long until = System.nanoTime() + ANSWERED_NANOS;
    while (all.stream().anyMatch(Use::owesAnswer)) {
      if (System.nanoTime() >= until) {
        all.stream().filter(Use::owesAnswer).forEach(use -> Thread.ofVirtual().start(use.late));
        return;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private boolean owesAnswer() {
    return answers && !closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      entry.commands.remove(this);
      entry.streams.remove(this);
      entry.touch(clock.millis());
      entry.uses.decrementAndGet();
    }
  }
}

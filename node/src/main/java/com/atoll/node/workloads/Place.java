package com.atoll.node.workloads;

import com.atoll.node.runtime.Machine;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a workload: new at each start.
 *
 * @param machine id of container, control group and guest socket; empty when it has none
 * @param slot number of its network slot; -1 when it has none
 * @param address its IPv4 address; empty when it has none
 * @param pid process 1 of the container as the host counts; 0 when it has none
 * @param incarnation rises at each start
 * @param boot how it was started
 * @param bootMicros how long the claim or start took
 * @param asleep where its processes are on disk; null when they are not
 * @param lent what they have of secrets; null when they never had anything
 */
public record Place(
    String machine,
    int slot,
    String address,
    long pid,
    long incarnation,
    Boot boot,
    long bootMicros,
    @Nullable Asleep asleep,
    @Nullable Lent lent) {

  /**
   * Processes that wait on disk.
   *
   * @param image the image of them
   * @param untilMs when they are given up, Unix milliseconds; 0 = never
   */
  public record Asleep(String image, long untilMs) {}

  /**
   * Variables whose values are of secrets. Processes that were started with one keep it, also after
   * it was taken from their workload.
   *
   * @param names those that the workload has now; none when all were taken from it
   */
  public record Lent(Set<String> names) {
    /** Copies the set. */
    public Lent {
      names = Set.copyOf(names);
    }

    /** What processes have that begin anew, with these variables. */
    static @Nullable Lent ofStart(@Nullable Lent before, Map<String, String> env) {
      if (before == null) {
        return null;
      }
      Set<String> names = new TreeSet<>(before.names);
      names.retainAll(env.keySet());
      return names.isEmpty() ? null : new Lent(names);
    }
  }

  /** Processes that run. */
  public Place(
      String machine,
      int slot,
      String address,
      long pid,
      long incarnation,
      Boot boot,
      long bootMicros) {
    this(machine, slot, address, pid, incarnation, boot, bootMicros, null, null);
  }

  static Place of(Machine machine, long incarnation, Boot boot, long bootMicros) {
    return new Place(
        machine.id(),
        machine.slot().index(),
        machine.slot().address().getHostAddress(),
        machine.pid(),
        incarnation,
        boot,
        bootMicros);
  }

  /** The same processes, thawed. */
  Place thawed(long micros) {
    return new Place(machine, slot, address, pid, incarnation, Boot.THAWED, micros, null, lent);
  }

  /** No processes, same count. */
  Place vacated() {
    return asleep(null);
  }

  /** No processes but those on disk, same count. */
  Place asleep(@Nullable Asleep where) {
    return new Place("", -1, "", 0, incarnation, boot, bootMicros, where, lent);
  }

  /** The same processes, with these variables of secrets. */
  Place with(@Nullable Lent variables) {
    return new Place(machine, slot, address, pid, incarnation, boot, bootMicros, asleep, variables);
  }

  /**
   * The same processes after a change of their variables. One that its owner has set anew, or that
   * a failed change has left behind, is no longer that of a secret.
   *
   * @param more names of those whose new values are of secrets
   */
  Place lending(Set<String> more, Map<String, String> before, Map<String, String> after) {
    if (lent == null && more.isEmpty()) {
      return this;
    }
    Set<String> names = new TreeSet<>(more);
    if (lent != null) {
      lent.names().stream()
          .filter(after::containsKey)
          .filter(name -> Objects.equals(before.get(name), after.get(name)))
          .forEach(names::add);
    }
    return with(new Lent(names));
  }
}

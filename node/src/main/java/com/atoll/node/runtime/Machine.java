package com.atoll.node.runtime;

import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.linux.Inside;
import com.atoll.node.linux.Namespaces;
import com.atoll.node.linux.TimerSlack;
import com.atoll.node.network.Slot;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Processes of a workload, from the start of process 1 to its end.
 *
 * @param id names its container, control group and socket
 * @param slot its network and user ids
 * @param pid process 1, as the host counts
 * @param guest the way to the agent inside
 * @param imageEnv variables that its image gives to every command
 * @param isolation what stands between it and the kernel
 * @param startedMs when it was started or adopted, Unix milliseconds
 */
public record Machine(
    String id,
    Slot slot,
    long pid,
    GuestClient guest,
    Map<String, String> imageEnv,
    Isolation isolation,
    long startedMs) {
  /** Where the agent of a machine under gVisor finds volumes, to place them. */
  public static final String VOLUMES = "/dev/.atoll/volumes";

  private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);

  private static final long WATCH_SLACK_NANOS = 500_000;

  /** A kernel boots in a third of a second, and in ten without KVM on a machine that is busy. */
  private static final Duration BOOT = Duration.ofSeconds(90);

  /** Runs nothing, once, as commands of tenants run: the next one finds its way warm. */
  public void warm() {
    guest.spared().processes().run(Command.shell("/bin/true").within(FIRST_ANSWER), 0);
    calm();
  }

  /**
   * Has the watching thread of the agent's Go runtime look around less often: it wakes every 20 µs
   * while the agent does anything. That thread is the first that a Go program starts.
   */
  public void calm() {
    switch (isolation) {
      case CONTAINER -> TimerSlack.ofSecondThread(pid, WATCH_SLACK_NANOS);
      case GVISOR, MICROVM -> {} // The host does not see its threads.
    }
  }

  /**
   * Waits until its agent answers; its network must be open.
   *
   * @param memory what it goes on from; null when it begins
   */
  public void awaitAgent(Bundle.@Nullable Memory memory) {
    switch (isolation) {
      case CONTAINER -> {} // Its socket listened before it was started: a call waits in there.
      case GVISOR ->
          (memory == null ? guest : guest.asKnownBy(memory.token()))
              .spared()
              .awaitListening(FIRST_ANSWER);
      case MICROVM -> {
        var _ = guest.spared().ping(BOOT);
      }
    }
  }

  /** The way into its namespaces. */
  public Inside inside() {
    return new Inside(pid, slot.uidBase());
  }

  /** Makes a copy of other processes this machine, and has them move on. */
  public void moveOn(Bundle.Memory memory, String hostname, Map<String, String> env) {
    Map<String, String> all = new HashMap<>(imageEnv);
    all.putAll(env);
    guest.asKnownBy(memory.token()).moveOnAs(hostname, guest.token().orElseThrow(), all);
  }

  /**
   * Gives it its name and the variables of every command.
   *
   * @param before the variables that it was given last; null when that is not known
   */
  public void configure(
      String hostname, Map<String, String> env, @Nullable Map<String, String> before) {
    Map<String, String> all = new HashMap<>(imageEnv);
    all.putAll(env);
    switch (isolation) {
      case CONTAINER ->
          Namespaces.setHostname(inside(), hostname, () -> change(hostname, all, before));
      // Its agent may name it, and nobody outside can.
      case GVISOR, MICROVM -> change(hostname, all, before);
    }
  }

  private void change(
      String hostname, Map<String, String> all, @Nullable Map<String, String> before) {
    if (before == null) {
      guest.configureAnew(hostname, all);
    } else {
      guest.configure(
          hostname, all, before.keySet().stream().filter(name -> !all.containsKey(name)).toList());
    }
  }
}

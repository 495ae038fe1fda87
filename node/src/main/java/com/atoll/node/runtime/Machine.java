package com.atoll.node.runtime;

import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.linux.Inside;
import com.atoll.node.linux.Namespaces;
import com.atoll.node.network.Slot;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Processes of a workload, from the start of process 1 to its end.
 *
 * @param id names its container, control group and socket
 * @param slot its network and user ids
 * @param pid process 1, as the host counts
 * @param guest the way to the agent inside
 * @param imageEnv variables that its image gives to every command
 * @param startedMs when it was started or adopted, Unix milliseconds
 */
public record Machine(
    String id,
    Slot slot,
    long pid,
    GuestClient guest,
    Map<String, String> imageEnv,
    long startedMs) {
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);

  /** Runs nothing, once, as commands of tenants run: the next one finds its way warm. */
  public void warm() {
    guest.spared().processes().run(Command.shell("/bin/true").within(FIRST_ANSWER), 0);
  }

  /** The way into its namespaces. */
  public Inside inside() {
    return new Inside(pid, slot.uidBase());
  }

  /**
   * Gives it its name and the variables of every command.
   *
   * @param before the variables that it was given last
   */
  public void configure(String hostname, Map<String, String> env, Map<String, String> before) {
    Map<String, String> all = new HashMap<>(imageEnv);
    all.putAll(env);
    List<String> unset = before.keySet().stream().filter(name -> !all.containsKey(name)).toList();
    Namespaces.setHostname(inside(), hostname, () -> guest.configure(hostname, all, unset));
  }
}

package com.atoll.node.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What devices add to a container, as the Container Device Interface says it.
 *
 * @param nodes device nodes
 * @param mounts files and folders of the host
 * @param variables variables of its commands
 * @param hooks programs that the runtime starts inside before anything else runs there
 */
public record ContainerEdits(
    List<DeviceNode> nodes, List<Mount> mounts, Map<String, String> variables, List<Hook> hooks) {
  /** Nothing. */
  public static final ContainerEdits NONE =
      new ContainerEdits(List.of(), List.of(), Map.of(), List.of());

  /** Copies what it is given. */
  public ContainerEdits {
    nodes = List.copyOf(nodes);
    mounts = List.copyOf(mounts);
    variables = Map.copyOf(variables);
    hooks = List.copyOf(hooks);
  }

  /**
   * A file or folder of the host.
   *
   * @param source absolute path on the host
   * @param target absolute path inside
   * @param options as for mount(8)
   */
  public record Mount(String source, String target, List<String> options) {}

  /**
   * A hook of the OCI runtime specification.
   *
   * @param stage {@code createContainer} or {@code startContainer}: both run with the rights of the
   *     container
   * @param path the program: on the host for the first, inside for the second
   * @param arguments its words, its name first
   * @param environment its variables, NAME=value
   * @param timeoutSeconds how long it may run; 0 = no bound of its own
   */
  public record Hook(
      String stage,
      String path,
      List<String> arguments,
      List<String> environment,
      int timeoutSeconds) {}

  /** These and others, each thing once. */
  public ContainerEdits and(ContainerEdits other) {
    Map<String, String> all = new TreeMap<>(variables);
    all.putAll(other.variables);
    return new ContainerEdits(
        both(nodes, other.nodes), both(mounts, other.mounts), all, both(hooks, other.hooks));
  }

  private static <T> List<T> both(List<T> some, List<T> others) {
    List<T> all = new ArrayList<>(some);
    others.stream().filter(each -> !all.contains(each)).forEach(all::add);
    return all;
  }
}

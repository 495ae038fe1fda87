package com.atoll.server.sandboxes;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What previews say about the ports of a sandbox.
 *
 * @param exposed answer although they listen on 127.0.0.1 only
 * @param restricted need a token
 * @param closing answer nobody from a time on
 */
public record Ports(Set<Integer> exposed, Set<Integer> restricted, Map<Integer, Closing> closing) {
  /** Nothing was said. */
  public static final Ports NONE = new Ports(Set.of(), Set.of(), Map.of());

  /**
   * The ports that are not open to everybody, or will not be. What is closed here is no more than
   * private to others: whoever may use the sandbox gets in with a token.
   */
  List<KeptPort> withheld() {
    TreeMap<Integer, KeptPort> withheld = new TreeMap<>();
    closing.forEach((port, end) -> withheld.put(port, new KeptPort(port, end.atUnixMs())));
    restricted.forEach(port -> withheld.put(port, new KeptPort(port, 0)));
    return List.copyOf(withheld.values());
  }

  /**
   * The end of a port.
   *
   * @param atUnixMs since when, or from when on
   * @param expired whether its last preview ended by its own time, not by being deleted
   */
  public record Closing(long atUnixMs, boolean expired) {}
}

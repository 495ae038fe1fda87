package com.atoll.server.sandboxes;

import java.util.Map;
import java.util.Set;

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
   * The end of a port.
   *
   * @param atUnixMs since when, or from when on
   * @param expired whether its last preview ended by its own time, not by being deleted
   */
  public record Closing(long atUnixMs, boolean expired) {}
}

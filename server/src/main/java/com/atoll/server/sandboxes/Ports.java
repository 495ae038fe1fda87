package com.atoll.server.sandboxes;

import java.util.Set;

/**
 * What previews say about the ports of a sandbox.
 *
 * @param exposed answer although they listen on 127.0.0.1 only
 * @param restricted need a token
 */
public record Ports(Set<Integer> exposed, Set<Integer> restricted) {
  /** Nothing was said. */
  public static final Ports NONE = new Ports(Set.of(), Set.of());
}

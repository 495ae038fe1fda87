package com.atoll.node.registries;

import java.util.List;
import java.util.Map;

/**
 * An image as its registry describes it.
 *
 * @param digest of its manifest
 * @param layers the lowest first
 * @param env variables of its processes
 */
public record RemoteImage(String digest, List<Layer> layers, Map<String, String> env) {
  /** Copies lists. */
  public RemoteImage {
    layers = List.copyOf(layers);
    env = Map.copyOf(env);
  }

  /**
   * A layer.
   *
   * @param digest of its packed bytes
   * @param size of these
   */
  public record Layer(String digest, long size) {}
}

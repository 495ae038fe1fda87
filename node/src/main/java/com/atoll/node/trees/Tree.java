package com.atoll.node.trees;

import java.nio.file.Path;

/**
 * One tree of the store.
 *
 * @param id as it was created
 * @param path its directory, in the node's mount namespace; ids on disk are 0..65535, whoever uses
 *     it
 */
public record Tree(String id, Path path) {
  /** Upper directory of an overlay: what the workload changed. Of a frozen tree: a lower one. */
  public Path upper() {
    return path.resolve("u");
  }

  /** Work directory of the overlay whose upper is {@link #upper()}. */
  public Path work() {
    return path.resolve("w");
  }
}

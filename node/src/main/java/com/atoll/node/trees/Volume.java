package com.atoll.node.trees;

import com.atoll.node.trees.TreeStore.Capacity;
import java.nio.file.Path;

/** The btrfs that trees live on. */
interface Volume extends AutoCloseable {
  /** Its folder of ours, mounted. */
  Path root();

  /** What is left. */
  Capacity capacity();

  /** Whether nothing new may be made. */
  boolean full();

  @Override
  void close();
}

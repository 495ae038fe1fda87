package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import org.jspecify.annotations.Nullable;

/** Ends the subvolumes below a tree, the innermost first. */
final class NestedTrees extends SimpleFileVisitor<Path> {
  /** The number of the root directory of every subvolume, and of nothing else. */
  private static final long ROOT = 256;

  private final Path tree;

  NestedTrees(Path tree) {
    this.tree = tree;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException problem)
      throws IOException {
    Path parent = directory.getParent();
    if (!directory.equals(tree)
        && parent != null
        && Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS).equals(ROOT)) {
      Btrfs.setReadOnly(directory, false);
      Btrfs.destroy(parent, String.valueOf(directory.getFileName()));
    }
    return FileVisitResult.CONTINUE;
  }
}

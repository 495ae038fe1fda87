package com.atoll.node.trees;

import com.atoll.node.trees.TreeException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trees that arrive from elsewhere: {@code arriving/<number>/<tree>}, each a folder of its own. */
final class Arrivals {
  private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

  private final Path root;
  private final DroppedTrees dropped;

  Arrivals(Path root, DroppedTrees dropped) throws IOException {
    this.root = Files.createDirectories(root);
    this.dropped = dropped;
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    for (String left : BtrfsTrees.names(root)) {
      drop(root.resolve(left));
    }
  }

  Path make() throws IOException {
    return Files.createTempDirectory(root, "");
  }

  /** What cannot go now goes at the next start. */
  void drop(Path folder) {
    if (!root.equals(folder.getParent())) {
      throw new TreeException(Reason.FAILED, folder + " is no folder of arrivals");
    }
    try {
      BtrfsTrees.names(folder).forEach(tree -> dropped.add(folder.resolve(tree)));
      Files.deleteIfExists(folder);
    } catch (IOException | TreeException e) {
      LOG.warn("Trees that arrived stay for now: {}", e.getMessage());
    }
  }
}

package com.atoll.node.releases;

import com.atoll.node.faults.NodeFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;

/**
 * Copies a frozen directory with owners, modes and links as they are. Special files are refused.
 */
final class TreeCopy {
  /** Copies {@code source} to {@code target}, which does not exist. */
  void copy(Path source, Path target) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(source, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isDirectory()) {
      Files.createDirectory(target);
      for (Path entry : Manifest.sorted(source)) {
        copy(entry, target.resolve(String.valueOf(entry.getFileName())));
      }
    } else if (attributes.isSymbolicLink()) {
      Files.createSymbolicLink(target, Files.readSymbolicLink(source));
    } else if (attributes.isRegularFile()) {
      Files.copy(source, target, LinkOption.NOFOLLOW_LINKS);
    } else {
      throw NodeFault.precondition("UNPUBLISHABLE", "the release holds a special file");
    }
    own(source, target, attributes);
  }

  private static void own(Path source, Path target, PosixFileAttributes attributes)
      throws IOException {
    Map<String, Object> ids =
        Files.readAttributes(source, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
    for (Map.Entry<String, Object> id : ids.entrySet()) {
      Files.setAttribute(target, "unix:" + id.getKey(), id.getValue(), LinkOption.NOFOLLOW_LINKS);
    }
    if (!attributes.isSymbolicLink()) {
      Files.setPosixFilePermissions(target, attributes.permissions());
    }
  }
}

package com.atoll.node.releases;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.FrozenView;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Copies the files of a directory to where the edge serves them from: all of them or none. */
final class StaticExport {
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwxr-x---");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r-----");
  private static final int MOST_FILES = 200_000;
  private static final int DEEPEST = 64;

  /** The edge's disk is everybody's: a file's size, sparse or not, is what it takes there. */
  private static final long MOST_BYTES = 4L << 30;

  private static final long RESERVE = 1L << 30;

  private final FrozenView view;
  private final Path boundary;
  private final int gid;
  private int files;
  private long bytes;

  /**
   * An export of what lies below {@code boundary}.
   *
   * @param gid the group that may read it
   */
  StaticExport(FrozenView view, Path boundary, int gid) {
    this.view = view;
    this.boundary = boundary;
    this.gid = gid;
  }

  /** Copies {@code source}, which lies below the boundary, to a directory that does not exist. */
  void copy(Path source, Path target) throws IOException {
    directory(source, target, new ArrayList<>());
  }

  private void directory(Path source, Path target, List<Path> above) throws IOException {
    if (above.contains(source) || above.size() > DEEPEST) {
      throw refused(source, "leads back to itself or is nested too deep");
    }
    above.add(source);
    Files.createDirectory(target);
    own(target, DIRECTORY);
    for (Path entry : Manifest.sorted(source)) {
      entry(entry, target.resolve(entry.getFileName().toString()), above);
    }
    sync(target);
    above.removeLast();
  }

  private void entry(Path source, Path target, List<Path> above) throws IOException {
    if (++files > MOST_FILES) {
      throw NodeFault.precondition(
          "TOO_MANY_FILES", "a static release has at most " + MOST_FILES + " files");
    }
    Path real = Files.isSymbolicLink(source) ? followed(source) : source;
    BasicFileAttributes attributes =
        Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isDirectory()) {
      directory(real, target, above);
    } else if (attributes.isRegularFile()) {
      file(real, target);
    } else {
      throw refused(source, "is neither a file nor a directory");
    }
  }

  private Path followed(Path link) throws IOException {
    Path real;
    try {
      real = view.resolve(view.inside(link));
    } catch (NodeFault broken) {
      throw refused(link, "is a link to something that does not exist");
    }
    if (!real.startsWith(boundary)) {
      throw refused(link, "is a link that leads outside the published directory");
    }
    return real;
  }

  private void file(Path source, Path target) throws IOException {
    try (FileChannel from =
            FileChannel.open(source, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        FileChannel to =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long size = from.size();
      room(size, target);
      long at = 0;
      while (at < size) {
        long moved = from.transferTo(at, size - at, to);
        if (moved <= 0) {
          throw new IOException(source + " is shorter than it says");
        }
        at += moved;
      }
      to.force(true);
    }
    own(target, FILE);
  }

  private void room(long size, Path target) throws IOException {
    bytes += size;
    if (size > MOST_BYTES || bytes > MOST_BYTES) {
      throw NodeFault.precondition("RELEASE_TOO_LARGE", "a static release has at most 4 GiB");
    }
    if (Files.getFileStore(target).getUsableSpace() - size < RESERVE) {
      throw NodeFault.exhausted("NO_ROOM", "this node's disk is full");
    }
  }

  private void own(Path path, Set<PosixFilePermission> mode) throws IOException {
    Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    Files.setPosixFilePermissions(path, mode);
  }

  private NodeFault refused(Path path, String why) {
    return NodeFault.precondition("UNPUBLISHABLE", view.inside(path) + " " + why);
  }

  static void sync(Path directory) throws IOException {
    try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true);
    }
  }

  /** Removes a folder of ours and everything in it. */
  static void remove(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

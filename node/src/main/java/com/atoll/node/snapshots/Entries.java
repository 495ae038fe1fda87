package com.atoll.node.snapshots;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.FileInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/** What the entries of a frozen tree are. */
final class Entries {
  private static final LinkOption[] NOFOLLOW = {LinkOption.NOFOLLOW_LINKS};
  private static final LinkOption[] FOLLOW = {};
  private static final int MODE = 07777;

  private Entries() {}

  /**
   * Describes an entry.
   *
   * @param shown its path as the tenant knows it
   * @param opened whether the place is a descriptor's own, which leads to what was opened; any
   *     other is not followed
   */
  static FileInfo info(String shown, Path place, boolean opened) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(
            place,
            "unix:mode,uid,gid,size,lastModifiedTime,isRegularFile,isDirectory,isSymbolicLink",
            opened ? FOLLOW : NOFOLLOW);
    FileInfo.Type type =
        is(found, "isRegularFile")
            ? FileInfo.Type.FILE
            : is(found, "isDirectory")
                ? FileInfo.Type.DIRECTORY
                : is(found, "isSymbolicLink") ? FileInfo.Type.SYMLINK : FileInfo.Type.SPECIAL;
    return new FileInfo(
        shown,
        type,
        type == FileInfo.Type.FILE ? (Long) found.getOrDefault("size", 0L) : 0,
        (Integer) found.getOrDefault("mode", 0) & MODE,
        ((FileTime) found.getOrDefault("lastModifiedTime", FileTime.fromMillis(0))).toMillis(),
        (Integer) found.getOrDefault("uid", 0),
        (Integer) found.getOrDefault("gid", 0),
        type == FileInfo.Type.SYMLINK ? Files.readSymbolicLink(place).toString() : "",
        Map.of(),
        "");
  }

  static void requireFolder(FileInfo info) {
    if (info.type() != FileInfo.Type.DIRECTORY) {
      throw NodeFault.precondition("NOT_A_DIRECTORY", info.path() + " is not a folder");
    }
  }

  static NodeFault special(String path) {
    return NodeFault.precondition("SPECIAL_FILE", path + " is neither a file nor a folder");
  }

  /** The last part of a path, for the folder that an archive unpacks to. */
  static String name(String path) {
    Path last = Path.of("/").resolve(path).normalize().getFileName();
    return last == null ? "." : last.toString();
  }

  private static boolean is(Map<String, Object> found, String attribute) {
    return Boolean.TRUE.equals(found.get(attribute));
  }
}

package com.atoll.server.files;

import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A file or folder as the API shows it. */
record FileView(
    @Doc("Absolute path.") String path,
    @Doc("Last part of the path.") String name,
    @Doc("Size in bytes.") long size,
    @Doc("Permission bits, octal, such as 0644.") String mode,
    @Doc("Same as mode.") String permissions,
    @Doc("Whether it is a folder.") boolean isDir,
    @Doc("Whether it is a symbolic link.") boolean isSymlink,
    @Doc("Where the link points to.") @Nullable String symlinkTarget,
    @Doc("file, dir, symlink or special.") String type,
    @Doc("When it was last changed.") Instant modifiedAt) {

  static FileView of(FileInfo info) {
    String mode = "%04o".formatted(info.getMode() & 07777);
    boolean link = info.getType() == FileType.SYMLINK;
    String path = info.getPath();
    return new FileView(
        path,
        path.substring(path.lastIndexOf('/') + 1),
        info.getSize(),
        mode,
        mode,
        info.getType() == FileType.DIRECTORY,
        link,
        link ? info.getLinkTarget() : null,
        type(info.getType()),
        Instant.ofEpochMilli(info.getModifiedUnixMs()));
  }

  static String type(FileType type) {
    return switch (type) {
      case DIRECTORY -> "dir";
      case SYMLINK -> "symlink";
      case SPECIAL -> "special";
      case FILE, FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> "file";
    };
  }
}

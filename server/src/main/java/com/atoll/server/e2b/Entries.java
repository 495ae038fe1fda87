package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.server.files.FileStore;
import com.atoll.server.files.SandboxPath;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** Files and folders as the SDKs read them. */
final class Entries {
  private static final String[] BITS = {"---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"};
  private final FileStore files;
  private final Accounts accounts;

  Entries(FileStore files, Accounts accounts) {
    this.files = files;
    this.accounts = accounts;
  }

  /** An entry; of a link the type of what it leads to, when that is there. */
  ObjectNode entry(String sandbox, FileInfo info) {
    return entry(sandbox, info, accounts.names(sandbox));
  }

  /** Several entries of one sandbox. */
  List<ObjectNode> entries(String sandbox, List<FileInfo> infos) {
    Accounts.Names names = accounts.names(sandbox);
    return infos.stream().map(info -> entry(sandbox, info, names)).toList();
  }

  private ObjectNode entry(String sandbox, FileInfo info, Accounts.Names names) {
    boolean link = info.getType() == FileType.SYMLINK;
    ObjectNode entry =
        Backend.object()
            .put("name", name(info.getPath()))
            .put("type", type(link ? target(sandbox, info) : info.getType()))
            .put("path", info.getPath())
            .put("size", Long.toString(info.getSize()))
            .put("mode", info.getMode() & 07777)
            .put("permissions", permissions(info))
            .put("owner", names.user(info.getUid()))
            .put("group", names.group(info.getGid()))
            .put("modifiedTime", Instant.ofEpochMilli(info.getModifiedUnixMs()).toString());
    if (info.getAttributesCount() > 0) {
      ObjectNode metadata = entry.putObject("metadata");
      new TreeMap<>(info.getAttributesMap()).forEach(metadata::put);
    }
    if (link) {
      entry.put("isSymlink", true).put("symlinkTarget", resolved(info));
    }
    return entry;
  }

  private FileType target(String sandbox, FileInfo link) {
    try {
      return files.stat(sandbox, SandboxPath.of(link.getPath()), true).getType();
    } catch (AtollException dangling) {
      return FileType.SYMLINK;
    }
  }

  private static String resolved(FileInfo link) {
    String target = link.getLinkTarget();
    if (target.startsWith("/")) {
      return target;
    }
    try {
      return SandboxPath.of(SandboxPath.of(link.getPath()).parent() + "/" + target).value();
    } catch (AtollException outside) {
      return target;
    }
  }

  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String type(FileType type) {
    return switch (type) {
      case FILE -> "FILE_TYPE_FILE";
      case DIRECTORY -> "FILE_TYPE_DIRECTORY";
      case SYMLINK -> "FILE_TYPE_SYMLINK";
      case SPECIAL, FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> "FILE_TYPE_UNSPECIFIED";
    };
  }

  private static String permissions(FileInfo info) {
    int mode = info.getMode();
    String kind =
        switch (info.getType()) {
          case DIRECTORY -> "d";
          case SYMLINK -> "L";
          case FILE, SPECIAL, FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> "-";
        };
    return kind + BITS[mode >> 6 & 7] + BITS[mode >> 3 & 7] + BITS[mode & 7];
  }
}

package com.atoll.server.files;

import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file or folder with what is in it. */
record TreeNode(
    @Doc("Absolute path.") String path,
    @Doc("Last part of the path.") String name,
    @Doc("file or dir.") String type,
    @Doc("Size in bytes.") @Nullable Long size,
    @Doc("When it was last changed.") @Nullable Instant modifiedAt,
    @Doc("What is in it, by name.") List<TreeNode> children,
    @Doc("Of the root: whether there is more than the tree shows.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Boolean truncated) {

  /** The tree of what a folder holds; each folder comes before its entries. */
  static TreeNode of(SandboxPath root, List<FileInfo> entries, boolean truncated) {
    TreeNode top =
        new TreeNode(root.value(), root.name(), "dir", null, null, new ArrayList<>(), truncated);
    Map<String, TreeNode> folders = new HashMap<>();
    folders.put(root.value(), top);
    for (FileInfo entry : entries) {
      String path = entry.getPath();
      int slash = path.lastIndexOf('/');
      boolean folder = entry.getType() == FileType.DIRECTORY;
      TreeNode node =
          new TreeNode(
              path,
              path.substring(slash + 1),
              folder ? "dir" : "file",
              folder ? null : entry.getSize(),
              Instant.ofEpochMilli(entry.getModifiedUnixMs()),
              folder ? new ArrayList<>() : List.of(),
              null);
      folders
          .getOrDefault(slash == 0 ? "/" : path.substring(0, Math.max(slash, 0)), top)
          .children
          .add(node);
      if (folder) {
        folders.put(path, node);
      }
    }
    return top;
  }
}

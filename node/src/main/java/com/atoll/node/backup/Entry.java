package com.atoll.node.backup;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * One entry of a part: a file or folder below the part's place, or a tree.
 *
 * @param path relative, with {@code /}; of a tree its id
 * @param kind what it is
 * @param mode permission bits; 0 for a tree
 * @param limit bytes that a tree may write itself; 0 for no limit, or when it is none
 * @param charged bytes that a tree has written itself and holds; 0 where nothing was counted
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
record Entry(String path, Kind kind, int mode, long limit, long charged) {
  enum Kind {
    FILE,
    FOLDER,
    TREE,
    FROZEN_TREE
  }

  static Entry file(String path, int mode) {
    return new Entry(path, Kind.FILE, mode, 0, 0);
  }

  static Entry folder(String path, int mode) {
    return new Entry(path, Kind.FOLDER, mode, 0, 0);
  }

  static Entry tree(String id, boolean frozen, long limit, long charged) {
    return new Entry(id, frozen ? Kind.FROZEN_TREE : Kind.TREE, 0, limit, charged);
  }
}

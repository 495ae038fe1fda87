package com.atoll.node.backup;

import java.util.List;

/**
 * What a backup holds.
 *
 * @param sections in the order in which they come
 */
record Manifest(List<Section> sections) {
  /**
   * One part.
   *
   * @param name of it
   * @param entries files and folders in it, or trees
   * @param bytes of their content
   * @param sha256 of its frames, hexadecimal
   */
  record Section(String name, long entries, long bytes, String sha256) {}

  long bytes() {
    return sections.stream().mapToLong(Section::bytes).sum();
  }
}

package com.atoll.node.releases;

import com.atoll.node.workloads.WorkloadRecord.Origin;
import java.util.List;

/**
 * A release, as it lies on disk.
 *
 * @param id its id
 * @param origin template, image and the frozen tree
 * @param path the directory inside that is the release, without links on its way
 * @param sha256 of its manifest
 * @param sizeBytes of its regular files
 * @param files how many entries it has
 * @param topLevel names of its first level, at most 1,000
 * @param exports folders below the exports that were made from it
 */
public record ReleaseRecord(
    String id,
    Origin origin,
    String path,
    String sha256,
    long sizeBytes,
    int files,
    List<String> topLevel,
    List<String> exports) {

  ReleaseRecord exported(String export) {
    List<String> all = new java.util.ArrayList<>(exports);
    if (!all.contains(export)) {
      all.add(export);
    }
    return new ReleaseRecord(
        id, origin, path, sha256, sizeBytes, files, topLevel, List.copyOf(all));
  }
}

package com.atoll.node.memories;

import com.atoll.node.volumes.VolumeMount;
import java.util.List;
import java.util.Map;

/**
 * What is known about an image of processes, as it lies beside it.
 *
 * @param program what wrote it and alone can read it
 * @param token what the agent in it asks for
 * @param volumes what the machine had besides its own files, which a machine that goes on has to
 *     have too
 * @param files names and bytes of its files
 */
public record MemoryImage(
    String program, String token, List<VolumeMount> volumes, Map<String, Long> files) {
  /** Copies the collections. */
  public MemoryImage {
    volumes = List.copyOf(volumes);
    files = Map.copyOf(files);
  }

  /** What it takes on disk. */
  public long bytes() {
    return files.values().stream().mapToLong(Long::longValue).sum();
  }
}

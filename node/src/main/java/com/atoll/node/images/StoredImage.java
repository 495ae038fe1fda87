package com.atoll.node.images;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An image as it lies on this machine: a packed file, or a record over another image.
 *
 * @param digest of it
 * @param file the packed file; null for one that was made in a sandbox
 * @param built the record of one that was made in a sandbox; null for a packed file
 */
public record StoredImage(String digest, @Nullable Path file, @Nullable BuiltImage built) {
  /** Digest of the image below, or "" when it stands alone. */
  public String base() {
    return built == null || !built.inner().isEmpty() ? "" : built.base();
  }
}

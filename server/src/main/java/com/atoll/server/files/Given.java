package com.atoll.server.files;

import com.atoll.node.v1.Owner;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file is given beside its content; what it had before is gone.
 *
 * @param attributes at most 64, of 3 KiB together
 * @param owner whom it and new folders above it belong to; null: as it was, else root
 */
public record Given(Map<String, String> attributes, @Nullable Owner owner) {
  static final Given NOTHING = new Given(Map.of(), null);
}

package com.atoll.server.sandboxes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Metadata that is not the owner's own: what clients keep in it of options for which a change of a
 * sandbox has no field, and what the platform keeps there. Owners do not know to send it again.
 */
final class Reserved {
  /** Whether a sandbox is paused rather than destroyed; the column decides, and this repeats it. */
  static final String PERSISTENT = "miosa_persistent";

  private static final Set<String> OF_CLIENTS =
      Set.of(PERSISTENT, "snapshot_expiration_sec", "keep_last_snapshots", "miosa_workspace_kind");

  /** How the names of the platform's own begin. */
  private static final String OF_THE_PLATFORM = "atoll_";

  private Reserved() {}

  /**
   * The metadata after a change; null where it stays.
   *
   * @param wanted what the owner sends; null where it says nothing of it
   * @param persistent what changes of that; null where it stays
   */
  static @Nullable Map<String, Object> metadata(
      Map<String, Object> before,
      @Nullable Map<String, Object> wanted,
      @Nullable Boolean persistent) {
    if (wanted == null && (persistent == null || !before.containsKey(PERSISTENT))) {
      return null;
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    // An option alone, as clients send it, says nothing of what the owner keeps beside it.
    boolean addsOnly =
        wanted == null || (!wanted.isEmpty() && OF_CLIENTS.containsAll(wanted.keySet()));
    before.forEach((name, value) -> {
      if (OF_CLIENTS.contains(name) || (addsOnly && !name.startsWith(OF_THE_PLATFORM))) {
        metadata.put(name, value);
      }
    });
    if (wanted != null) {
      metadata.putAll(wanted);
    }
    OF_CLIENTS.forEach(name -> metadata.remove(name, null));
    if (persistent != null) {
      metadata.computeIfPresent(PERSISTENT, (_, _) -> persistent);
    }
    var _ = Bounds.metadata(metadata);
    before.forEach((name, value) -> {
      if (name.startsWith(OF_THE_PLATFORM)) {
        metadata.putIfAbsent(name, value);
      }
    });
    return metadata;
  }
}

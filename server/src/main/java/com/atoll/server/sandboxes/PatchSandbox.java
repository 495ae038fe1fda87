package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a change. What is absent stays. */
record PatchSandbox(
    @Doc("Name to show.") @Nullable String name,
    @Doc("Host label of its previews.") @Nullable String slug,
    @Doc("Labels; replace the old ones.") @Nullable List<String> tags,
    @Doc(
            "Free data; replaces the old one. miosa_persistent, snapshot_expiration_sec,"
                + " keep_last_snapshots and miosa_workspace_kind stay where they are absent, go"
                + " where they are null, and change alone where nothing else comes with them;"
                + " miosa_persistent means persistent.")
        @Nullable Map<String, Object> metadata,
    @Doc("No time-outs at all.") @Nullable Boolean alwaysOn,
    @Doc("Pause at the end of its time instead of destroying.") @Nullable Boolean persistent,
    @Doc("Lifetime in seconds from now; 0 for none.") @Nullable Integer timeoutSec,
    @Doc("Seconds without activity until it pauses; 0 for never.")
        @Nullable Integer idleTimeoutSec) {

  /**
   * What changes.
   *
   * @param seconds of lifetime each time that it is started; null where they stay
   */
  Changes changes(@Nullable Integer seconds) {
    return new Changes(
        name == null ? null : Bounds.name(name),
        slug == null ? null : Slugs.chosen(slug),
        tags == null ? null : Bounds.tags(tags),
        metadata == null ? null : Bounds.metadata(metadata),
        alwaysOn,
        persistent == null ? persistentOf(metadata) : persistent,
        seconds == null ? null : Bounds.seconds("timeout_sec", seconds, 0),
        idleTimeoutSec == null ? null : Bounds.seconds("idle_timeout_sec", idleTimeoutSec, 0),
        null,
        null);
  }

  /** What a client says in metadata whose change of a sandbox has no field for it. */
  private static @Nullable Boolean persistentOf(@Nullable Map<String, Object> metadata) {
    Object said = metadata == null ? null : metadata.get(Reserved.PERSISTENT);
    if (said == null) {
      return null;
    }
    if (said instanceof Boolean persistent) {
      return persistent;
    }
    throw AtollException.invalid("metadata." + Reserved.PERSISTENT, "must be true or false");
  }
}

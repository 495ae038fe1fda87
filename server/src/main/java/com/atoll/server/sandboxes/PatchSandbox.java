package com.atoll.server.sandboxes;

import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a change. What is absent stays. */
record PatchSandbox(
    @Doc("Name to show.") @Nullable String name,
    @Doc("Host label of its previews.") @Nullable String slug,
    @Doc("Labels; replace the old ones.") @Nullable List<String> tags,
    @Doc("Free data; replaces the old one.") @Nullable Map<String, Object> metadata,
    @Doc("No time-outs at all.") @Nullable Boolean alwaysOn,
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
        seconds == null ? null : Bounds.seconds("timeout_sec", seconds, 0),
        idleTimeoutSec == null ? null : Bounds.seconds("idle_timeout_sec", idleTimeoutSec, 0),
        null,
        null);
  }
}

package com.atoll.server.sandboxes;

import com.atoll.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a sandbox changes; null where it stays.
 *
 * @param persistent whether it is paused rather than destroyed at the end of its time
 * @param lifetimeSec seconds that it still has from now on, 0 for no end
 */
record Changes(
    @Nullable String name,
    @Nullable String slug,
    @Nullable List<String> tags,
    @Nullable Map<String, Object> metadata,
    @Nullable Boolean alwaysOn,
    @Nullable Boolean persistent,
    @Nullable Integer timeoutSec,
    @Nullable Integer idleTimeoutSec,
    @Nullable Integer lifetimeSec,
    @Nullable Shape shape) {
  /** Nothing changes. */
  static final Changes NONE =
      new Changes(null, null, null, null, null, null, null, null, null, null);

  static Changes tags(List<String> tags) {
    return new Changes(null, null, tags, null, null, null, null, null, null, null);
  }

  static Changes lifetime(int seconds) {
    return new Changes(null, null, null, null, null, null, null, null, seconds, null);
  }

  static Changes timeout(int seconds) {
    return new Changes(null, null, null, null, null, null, seconds, null, null, null);
  }

  static Changes shape(Shape shape) {
    return new Changes(null, null, null, null, null, null, null, null, null, shape);
  }

  /** The same, with the end that comes of it: it stays where it is unless that is what changes. */
  Changes of(Sandbox before) {
    boolean ends = timeoutSec != null || alwaysOnOf(before) != before.alwaysOn();
    Integer left = ends ? Integer.valueOf(lifetimeOf(before)) : lifetimeSec;
    return new Changes(
        name,
        slug,
        tags,
        Reserved.metadata(before.metadata(), metadata, persistent),
        alwaysOn,
        persistent,
        timeoutSec,
        idleTimeoutSec,
        left,
        shape);
  }

  /** Seconds that this sandbox then has each time that it is started, 0 for no end. */
  int lifetimeOf(Sandbox before) {
    if (alwaysOnOf(before)) {
      return 0;
    }
    return timeoutSec == null ? before.timeoutSec() : timeoutSec;
  }

  /** Seconds for which this sandbox then may be idle, 0 for any time. */
  int idleOf(Sandbox before) {
    if (alwaysOnOf(before)) {
      return 0;
    }
    return idleTimeoutSec == null ? before.idleTimeoutSec() : idleTimeoutSec;
  }

  /** Whether a machine has to know other times. */
  boolean changeTimes() {
    return alwaysOn != null || persistent != null || timeoutSec != null || idleTimeoutSec != null;
  }

  private boolean alwaysOnOf(Sandbox before) {
    return alwaysOn == null ? before.alwaysOn() : alwaysOn;
  }

  /** The names of what changes. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    add(fields, "name", name);
    add(fields, "slug", slug);
    add(fields, "tags", tags);
    add(fields, "metadata", metadata);
    add(fields, "always_on", alwaysOn);
    add(fields, "persistent", persistent);
    add(fields, "timeout_sec", timeoutSec);
    add(fields, "idle_timeout_sec", idleTimeoutSec);
    add(fields, "expires_at", lifetimeSec);
    add(fields, "resources", shape);
    return fields;
  }

  private static void add(List<String> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.add(name);
    }
  }
}

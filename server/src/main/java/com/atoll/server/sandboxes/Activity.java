package com.atoll.server.sandboxes;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** When sandboxes were last used; in memory, written down now and then. */
final class Activity {
  private final Map<String, Instant> latest = new ConcurrentHashMap<>();

  void touch(String id) {
    latest.put(id, Instant.now());
  }

  @Nullable Instant latest(String id, @Nullable Instant stored) {
    Instant known = latest.get(id);
    return known == null || (stored != null && stored.isAfter(known)) ? stored : known;
  }

  /** What is not written down yet; the caller writes it. */
  Map<String, Instant> drain() {
    Map<String, Instant> drained = new HashMap<>();
    latest.forEach((id, at) -> {
      if (latest.remove(id, at)) {
        drained.put(id, at);
      }
    });
    return drained;
  }
}

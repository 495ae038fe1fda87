package com.atoll.server.policies;

import com.atoll.server.http.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A policy to be set in place of the one before. */
public record NewPolicy(
    @Doc(
            value =
                "Bounds of lifetimes: max_timeout_sec, max_idle_timeout_sec, max_browser_token_sec,"
                    + " always_on_allowed.",
            max = 100)
        @Nullable Map<String, Object> lifecycle,
    @Doc(value = "Bounds of counts and of requests.", max = 100)
        @Nullable Map<String, Object> quotas,
    @Doc(value = "Bounds of shapes.", max = 100) @Nullable Map<String, Object> sizing,
    @Doc(value = "Switches.", max = 100) @Nullable Map<String, Object> features,
    @Doc(value = "What sandboxes reach.", max = 100) @Nullable Map<String, Object> egress) {

  Map<String, Map<String, Object>> groups() {
    Map<String, Map<String, Object>> groups = new LinkedHashMap<>();
    add(groups, "lifecycle", lifecycle);
    add(groups, "quotas", quotas);
    add(groups, "sizing", sizing);
    add(groups, "features", features);
    add(groups, "egress", egress);
    return groups;
  }

  private static void add(
      Map<String, Map<String, Object>> groups, String name, @Nullable Map<String, Object> group) {
    if (group != null) {
      groups.put(name, group);
    }
  }
}

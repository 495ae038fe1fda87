package com.atoll.server.policies;

import com.atoll.model.AtollException;
import com.atoll.model.SandboxSize;
import com.atoll.server.http.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Checks and reads the documents of policies. */
final class Documents {
  private static final int LARGEST = 32 << 10;
  private static final int MOST_SECONDS = 365 * 24 * 3600;
  private static final int MOST_TOKEN_SECONDS = 24 * 3600;
  private static final int MOST_REQUESTS = 100_000;
  private static final Map<String, Integer> NUMBERS =
      Map.of(
          "lifecycle.max_timeout_sec", MOST_SECONDS,
          "lifecycle.max_idle_timeout_sec", MOST_SECONDS,
          "lifecycle.max_browser_token_sec", MOST_TOKEN_SECONDS,
          "sizing.max_cpu_count", 1_024,
          "sizing.max_memory_mb", 16 << 20,
          "sizing.max_disk_size_mb", 1 << 30,
          "quotas.requests_per_minute", MOST_REQUESTS,
          "quotas.requests_per_minute_per_group", MOST_REQUESTS);

  private static final Set<String> SWITCHES =
      Set.of("lifecycle.always_on_allowed", "features.nested_virtualization");

  private Documents() {}

  static Map<String, Map<String, Object>> checked(NewPolicy asked) {
    Map<String, Map<String, Object>> groups = asked.groups();
    if (Json.MAPPER.writeValueAsBytes(groups).length > LARGEST) {
      throw AtollException.invalid("policy", "must be at most " + LARGEST + " bytes of JSON");
    }
    groups.forEach((group, values) -> values.forEach((key, value) -> check(group, key, value)));
    return groups;
  }

  private static void check(String group, String key, @Nullable Object value) {
    String leaf = group + "." + key;
    Integer most = NUMBERS.get(leaf);
    if (most != null && !(value instanceof Number number && isWithin(number, most))) {
      throw AtollException.invalid(group, key + " must be a whole number from 1 to " + most);
    }
    if (SWITCHES.contains(leaf) && !(value instanceof Boolean)) {
      throw AtollException.invalid(group, key + " must be true or false");
    }
    if (leaf.equals("sizing.allowed_sizes") && !isSizes(value)) {
      throw AtollException.invalid(
          group,
          key
              + " must be a list of "
              + Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).toList());
    }
  }

  private static boolean isWithin(Number number, int most) {
    return (number instanceof Integer || number instanceof Long)
        && number.longValue() >= 1
        && number.longValue() <= most;
  }

  private static boolean isSizes(@Nullable Object value) {
    Set<String> known =
        Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).collect(Collectors.toSet());
    return value instanceof List<?> sizes
        && !sizes.isEmpty()
        && sizes.stream().allMatch(known::contains);
  }

  static Map<String, Map<String, Object>> read(String document) {
    return Json.MAPPER.readValue(document, new TypeReference<>() {});
  }
}

package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Bounds of what a caller may say about a sandbox. */
public final class Bounds {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  static final int LONGEST_NAME = 128;
  private static final int LONGEST_TAG = 128;
  private static final int MOST_TAGS = 64;
  private static final int MOST_METADATA = 64 << 10;
  private static final int MOST_VARIABLES = 512;
  private static final int MOST_ENV = 128 << 10;
  private static final int LONGEST_TIME = 31_536_000;

  private Bounds() {}

  static String name(String name) {
    boolean control = name.chars().anyMatch(character -> character < 0x20 || character == 0x7f);
    if (name.isBlank() || name.length() > LONGEST_NAME || control) {
      throw AtollException.invalid(
          "name", "must be 1 to " + LONGEST_NAME + " characters without control characters");
    }
    return name;
  }

  static List<String> tags(@Nullable List<String> tags) {
    if (tags == null) {
      return List.of();
    }
    for (String tag : tags) {
      boolean bad = tag == null || tag.isBlank() || tag.length() > LONGEST_TAG;
      if (bad || tag.indexOf(',') >= 0 || tag.indexOf('\0') >= 0) {
        throw AtollException.invalid(
            "tags", "must each be 1 to " + LONGEST_TAG + " characters without a comma");
      }
    }
    List<String> distinct = List.copyOf(new LinkedHashSet<>(tags));
    if (distinct.size() > MOST_TAGS) {
      throw AtollException.invalid("tags", "must be at most " + MOST_TAGS);
    }
    return distinct;
  }

  /** Free data of a caller, within bounds. */
  public static Map<String, Object> metadata(@Nullable Map<String, Object> metadata) {
    if (metadata == null) {
      return Map.of();
    }
    String json = JSON.writeValueAsString(metadata);
    if (json.length() > MOST_METADATA || json.contains("\\u0000")) {
      throw AtollException.invalid(
          "metadata", "must be at most " + MOST_METADATA + " characters of JSON without NUL");
    }
    return metadata;
  }

  static Map<String, String> env(@Nullable Map<String, String> env) {
    if (env == null) {
      return Map.of();
    }
    int size = 0;
    for (Map.Entry<String, String> variable : env.entrySet()) {
      variable(variable.getKey(), variable.getValue());
      size +=
          variable.getKey().length() + variable.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (env.size() > MOST_VARIABLES || size > MOST_ENV) {
      throw AtollException.invalid(
          "env", "must be at most " + MOST_VARIABLES + " variables and " + MOST_ENV + " bytes");
    }
    return env;
  }

  static void variable(@Nullable String key, @Nullable String value) {
    if (key == null || !EnvName.isName(key)) {
      throw AtollException.invalid("env", EnvName.RULE);
    }
    if (value == null || value.indexOf('\0') >= 0) {
      throw AtollException.invalid("env", "must have a string without NUL for " + key);
    }
  }

  static int seconds(String field, @Nullable Integer value, int otherwise) {
    int seconds = value == null ? otherwise : value;
    if (seconds < 0 || seconds > LONGEST_TIME) {
      throw AtollException.invalid(field, "must be between 0 and " + LONGEST_TIME);
    }
    return seconds;
  }
}

package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Body of a change. What is absent stays. */
record VolumeChange(
    @Doc(
            value = "Name, without / and control characters.",
            min = 1,
            max = 128,
            pattern = NewVolume.NAME)
        @Nullable String name,
    @Doc(value = "What it may hold, in GiB; it only grows.", min = 1, max = 16_384)
        @Nullable Integer sizeGb,
    @Doc("Free data; replaces the old one.") @Nullable Map<String, Object> metadata) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_METADATA = 16 << 10;

  VolumeChange {
    bounded(metadata);
  }

  static @Nullable Map<String, Object> bounded(@Nullable Map<String, Object> metadata) {
    if (metadata != null) {
      String json = JSON.writeValueAsString(metadata);
      if (json.length() > MOST_METADATA || json.contains("\\u0000")) {
        throw AtollException.invalid(
            "metadata", "must be at most " + MOST_METADATA + " characters of JSON without NUL");
      }
    }
    return metadata;
  }
}

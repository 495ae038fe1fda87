package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.server.http.Doc;
import com.atoll.server.identity.Ownership;
import com.atoll.server.machines.Region;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of a create. */
record NewVolume(
    @Doc(
            value = "Name, without / and control characters.",
            min = 1,
            max = 128,
            pattern = NewVolume.NAME)
        String name,
    @Doc(value = "What it may hold, in GiB; it can grow later.", min = 1, max = 16_384)
        Integer sizeGb,
    @Doc(
            "one_writer (default): one sandbox writes to it at a time; or many_writers. Locks and appends"
                + " to one file hold between sandboxes of the isolation container, and within each of"
                + " another.")
        @Nullable String accessMode,
    @Doc(value = "Region, one of GET /regions; shown again.", max = 64) @Nullable String region,
    @Doc("Refuse when the caller sees a volume of this name already; default false.")
        @Nullable Boolean uniqueName,
    @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
    @JsonUnwrapped Ownership ownership) {
  static final String NAME = "[^/\\u0000-\\u001f\\u007f-\\u009f]*";
  static final String ONE = "one_writer";
  static final String MANY = "many_writers";

  NewVolume {
    Region.require(region);
  }

  boolean shared() {
    if (accessMode == null || accessMode.equals(ONE)) {
      return false;
    }
    if (!accessMode.equals(MANY)) {
      throw AtollException.invalid("access_mode", "must be " + ONE + " or " + MANY);
    }
    return true;
  }

  Map<String, Object> metadataOrNone() {
    Map<String, Object> bounded = VolumeChange.bounded(metadata);
    return bounded == null ? Map.of() : bounded;
  }
}

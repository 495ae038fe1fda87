package com.atoll.server.volumes;

import com.atoll.server.http.Doc;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Body of a snapshot. */
record CopyVolume(
    @Doc(value = "Name; default that of the volume.", min = 1, max = 128, pattern = NewVolume.NAME)
        @Nullable String name,
    @Doc(value = "What it may hold, in GiB; default that of the volume.", min = 1, max = 16_384)
        @Nullable Integer sizeGb) {

  Volume of(Volume source, String id, OffsetDateTime now) {
    return new Volume(
        id,
        source.org(),
        name == null ? source.name() : name,
        sizeGb == null ? source.sizeGb() : sizeGb,
        source.shared(),
        Volume.Status.CREATING,
        source.region(),
        source.owner(),
        source.id(),
        source.metadata(),
        1,
        0,
        null,
        now,
        now);
  }
}

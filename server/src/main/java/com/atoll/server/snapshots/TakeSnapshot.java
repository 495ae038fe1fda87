package com.atoll.server.snapshots;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** Body of taking a snapshot. */
record TakeSnapshot(
    @Doc("What it is for.") @Nullable String comment,
    @Doc("Same as comment.") @Nullable String description,
    @Doc("Whether it never expires and is never pushed out by newer ones.") @Nullable Boolean keep,
    @Doc("Seconds after its last use when it is deleted.") @Nullable Integer retentionSeconds,
    @Doc("Seconds after its creation when it is deleted.") @Nullable Integer expirationSeconds,
    @Doc("Days after its creation when it is deleted.") @Nullable Integer expirationDays,
    @Doc(
            "Whether its processes are kept with its files, memory and all: true refuses when they cannot be, false"
                + " keeps files alone; absent: they are kept when they can be, which is under gVisor, in a sandbox"
                + " without volumes whose processes have had no variable of a secret.")
        @Nullable Boolean memory) {
  static final TakeSnapshot PLAIN = new TakeSnapshot(null, null, null, null, null, null, null);
}

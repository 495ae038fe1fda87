package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** How a key is rotated. */
record Rotation(
    @Doc(
            value =
                "Seconds for which the old secret works beside the new one, up to 7 days; 0 (default) ends"
                    + " it at once. The key's open streams end with it. Of two rotations only the newer old"
                    + " secret lives on.",
            min = 0,
            max = 604_800)
        @Nullable Integer overlapSeconds) {}

package com.atoll.server.sandboxes;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** A volume that a sandbox is to have. */
public record VolumeWish(
    @Doc("Id of the volume.") String volumeId,
    @Doc("Where it lies inside, absolute; default below /mnt.") @Nullable String mountPath,
    @Doc("Whether it may only be read; default false.") @Nullable Boolean readOnly) {}

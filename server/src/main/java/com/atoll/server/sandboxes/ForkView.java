package com.atoll.server.sandboxes;

import com.atoll.node.v1.VolumeMount;
import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/** A fork, and what of its source it does not have. */
record ForkView(
    @JsonUnwrapped SandboxView sandbox,
    @Doc("What the fork does not have of its source, such as volumes; usually nothing.")
        List<String> warnings) {

  /** What is said of volumes of the source, which stay there. */
  static List<String> without(List<VolumeMount> volumes) {
    return volumes.stream()
        .map(volume ->
            "The volume %s at %s is not in the fork, which writes to its own disk there; POST /sandboxes/:id/volumes attaches one."
                .formatted(volume.getVolumeId(), volume.getPath()))
        .toList();
  }
}

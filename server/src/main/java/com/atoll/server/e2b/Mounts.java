package com.atoll.server.e2b;

import com.atoll.model.Principal;
import com.atoll.server.volumes.Mounted;
import com.atoll.server.volumes.VolumesCapability;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Which volumes sandboxes have, as the SDKs read it. */
final class Mounts {
  private final VolumesCapability volumes;

  Mounts(VolumesCapability volumes) {
    this.volumes = volumes;
  }

  /**
   * Adds to each of these answers which volumes its sandbox has, read at once for all; nothing for
   * who may not see volumes.
   *
   * @param shown the answers, in the order of the sandboxes
   */
  void add(Principal principal, List<JsonNode> sandboxes, List<ObjectNode> shown) {
    Map<String, List<Mounted>> had =
        principal.allows("volumes:read")
            ? volumes.mounted(principal, sandboxes.stream().map(Shown::id).toList()).stream()
                .collect(Collectors.groupingBy(Mounted::sandboxId))
            : Map.of();
    for (int at = 0; at < shown.size(); at++) {
      shown
          .get(at)
          .set("volumeMounts", json(had.getOrDefault(Shown.id(sandboxes.get(at)), List.of())));
    }
  }

  private static ArrayNode json(List<Mounted> mounts) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    mounts.forEach(mount -> all.addObject().put("name", mount.name()).put("path", mount.path()));
    return all;
  }
}

package com.atoll.node.builds;

import com.atoll.node.images.Images;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.workloads.Workloads;
import java.time.InstantSource;

/**
 * What builds work with.
 *
 * @param workloads where steps run
 * @param trees what they make
 * @param images what they stand on
 * @param cache what earlier ones made
 * @param uploads files that steps copy
 * @param bases finds the base of a build
 * @param clock what time it is
 */
record Workshop(
    Workloads workloads,
    TreeStore trees,
    Images images,
    StepCache cache,
    Uploads uploads,
    Bases bases,
    InstantSource clock) {
  long now() {
    return clock.millis();
  }
}

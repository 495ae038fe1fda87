package com.atoll.node.workloads;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.devices.Inventory;
import com.atoll.node.images.Images;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.NetworkPool;
import com.atoll.node.runtime.Isolations;
import com.atoll.node.runtime.Machines;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.volumes.Volumes;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What workloads are made of on this machine.
 *
 * @param trees their files
 * @param images what lies below them
 * @param network their slots
 * @param cgroups their limits
 * @param machines their processes
 * @param isolations what may stand between them and the kernel
 * @param volumes what outlives them
 * @param memories processes on disk
 * @param inventory devices that it may hand in
 * @param views where files are mounted of those who are only looked at
 * @param clock what time it is
 */
public record Host(
    TreeStore trees,
    Images images,
    NetworkPool network,
    Cgroups cgroups,
    Machines machines,
    Isolations isolations,
    Volumes volumes,
    MemoryImages memories,
    Inventory inventory,
    Path views,
    InstantSource clock) {

  long now() {
    return clock.millis();
  }
}

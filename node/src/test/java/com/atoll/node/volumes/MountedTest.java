package com.atoll.node.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MountedTest {
  @Test
  void volumesAreFoundBelowTheirNamesAndTheNamesOfDroppedOnes() {
    assertEquals(
        List.of(new VolumeMount("vol_1", "/data", false), new VolumeMount("vol_2", "/a b", true)),
        found(
            "/live/v-vol_1/u /data rw,relatime",
            "/home/live/v-vol_2/u /a\\040b ro,relatime",
            "/live/t-1/u / rw",
            "/live/v-vol_1/u/below /x rw",
            "/ /proc rw"));
    assertEquals(
        List.of(new VolumeMount("vol_1", "/data", false), new VolumeMount("vol_2", "/gone", false)),
        found(
            "/dropped/0001a2b3c4d5e6f7.v-vol_1/u /data rw",
            "/dropped/0001a2b3c4d5e6f7.v-vol_2/u//deleted /gone rw",
            "/dropped/0001a2b3c4d5e6f7.t-1/u /tree rw"));
  }

  private static List<VolumeMount> found(String... mounts) {
    List<VolumeMount> found = new ArrayList<>();
    for (String mount : mounts) {
      Mounted.parse("36 35 0:42 " + mount + " - btrfs /dev/loop1 rw", found);
    }
    return found;
  }
}

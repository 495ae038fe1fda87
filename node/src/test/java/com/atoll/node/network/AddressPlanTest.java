package com.atoll.node.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.TestInstallation;
import com.atoll.platform.Installation;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AddressPlanTest {
  @TempDir Path folder;

  @Test
  void noSlotReachesTheUserIdsBeyondTheInstallations() {
    Installation installation =
        TestInstallation.withPool(TestInstallation.in(folder), "100.96.0.0/16");
    AddressPlan plan = new AddressPlan(installation);
    long end = installation.uidBase() + installation.uidCount();
    assertEquals(installation.uidCount() / Slot.UIDS, plan.slots());
    assertEquals(end, plan.slot(plan.slots() - 1, "netns").uidBase() + Slot.UIDS);
    assertThrows(NetworkException.class, () -> plan.slot(plan.slots(), "netns"));
  }
}

package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.devices.Inventory;
import com.atoll.node.faults.NodeFault;
import com.atoll.platform.IsolationPolicy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KvmPolicyTest {
  @Test
  void anOwnerWhoSaidNothingGivesNone() {
    Isolations isolations =
        new Isolations(IsolationPolicy.CONTAINERS, Path.of("/none"), Path.of("/none"));
    assertTrue(isolations.kvmProblem().contains("nested_virtualization = true"));
    assertThrows(NodeFault.class, () -> isolations.requireKvm(Isolation.CONTAINER));
  }

  @Test
  void whereTheOwnerAllowsItTheMachineDecides() {
    IsolationPolicy policy =
        new IsolationPolicy(List.of("container"), "container", null, 0, true, null, false);
    Isolations isolations = new Isolations(policy, Path.of("/none"), Path.of("/none"));
    assertEquals(Inventory.hasKvm(), isolations.kvmProblem().isEmpty());
    assertThrows(NodeFault.class, () -> isolations.requireKvm(Isolation.GVISOR));
  }
}

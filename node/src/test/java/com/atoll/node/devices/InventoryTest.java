package com.atoll.node.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InventoryTest {
  @TempDir Path folder;

  private static final String YAML =
      """
      ---
      cdiVersion: 0.5.0
      containerEdits:
        deviceNodes:
        - path: /dev/nvidiactl
        hooks:
        - args: [nvidia-cdi-hook, create-symlinks]
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
      devices:
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia0
        name: "0"
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia1
        name: "1"
      - name: GPU-5dc0f28d
      - name: all
      kind: nvidia.com/gpu
      """;

  @Test
  void aSpecificationInYamlNamesItsDevices() {
    assertEquals(Set.of("nvidia.com/gpu=0", "nvidia.com/gpu=1"), Inventory.names(YAML));
  }

  @Test
  void oneInJsonDoesToo() {
    assertEquals(
        Set.of("nvidia.com/gpu=GPU-1"),
        Inventory.names(
            """
            {"cdiVersion": "0.6.0",
             "kind": "nvidia.com/gpu",
             "devices": [
               {"name": "GPU-1", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}},
               {"name": "all", "containerEdits": {}}]}
            """));
  }

  @Test
  void otherKindsAreNoGpus() {
    assertEquals(Set.of(), Inventory.names("kind: vendor.com/net\ndevices:\n- name: eth\n"));
    assertEquals(Set.of(), Inventory.names("no specification"));
  }

  @Test
  void modelsComeFromTheDriver() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("cdi")).resolve("nvidia.yaml"), YAML);
    Path card = Files.createDirectories(folder.resolve("gpus/0000:01:00.0"));
    Files.writeString(card.resolve("information"), "Model: \t\t NVIDIA H100\nIRQ: 1\n");
    Inventory inventory =
        new Inventory(
            List.of(folder.resolve("cdi"), folder.resolve("none")), folder.resolve("gpus"));
    assertEquals(
        List.of(new Gpu("nvidia.com/gpu=0", "NVIDIA H100"), new Gpu("nvidia.com/gpu=1", "")),
        inventory.gpus());
    assertEquals(List.of(), new Inventory(List.of(folder.resolve("none")), folder).gpus());
  }
}

package com.atoll.node.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InventoryTest {
  private static final String YAML =
      """
      ---
      cdiVersion: 0.5.0
      containerEdits:
        deviceNodes:
        - path: /dev/nvidiactl
          major: 195
          minor: 255
        env:
        - NVIDIA_VISIBLE_DEVICES=void
        hooks:
        - args: [nvidia-cdi-hook, create-symlinks, --link, "libcuda.so.1::/lib/libcuda.so"]
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
        mounts:
        - containerPath: /lib/libcuda.so.1
          hostPath: /usr/lib/libcuda.so.1
          options: [ro, nosuid, nodev, rbind, rprivate]
      devices:
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia10
            major: 195
            minor: 10
        name: "10"
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia1
            hostPath: /dev/zero
            permissions: rwm
        name: "1"
      - name: GPU-5dc0f28d
      - name: all
      kind: nvidia.com/gpu
      """;

  private static final ContainerEdits BOTH =
      new ContainerEdits(
          List.of(
              new DeviceNode("/dev/nvidiactl", 195, 255, "rw"),
              new DeviceNode("/dev/nvidia1", 1, 5, "rwm"),
              new DeviceNode("/dev/nvidia10", 195, 10, "rw")),
          List.of(
              new ContainerEdits.Mount(
                  "/usr/lib/libcuda.so.1",
                  "/lib/libcuda.so.1",
                  List.of("ro", "nosuid", "nodev", "rbind", "rprivate"))),
          Map.of("NVIDIA_VISIBLE_DEVICES", "void"),
          List.of(
              new ContainerEdits.Hook(
                  "createContainer",
                  "/usr/bin/nvidia-cdi-hook",
                  List.of(
                      "nvidia-cdi-hook",
                      "create-symlinks",
                      "--link",
                      "libcuda.so.1::/lib/libcuda.so"),
                  List.of(),
                  0)));

  @TempDir Path folder;
  private Path cdi;
  private Path run;
  private Inventory inventory;

  @BeforeEach
  void begin() throws IOException {
    cdi = Files.createDirectories(folder.resolve("cdi"));
    run = Files.createDirectories(folder.resolve("run"));
    inventory = new Inventory(List.of(cdi, folder.resolve("none"), run), folder.resolve("gpus"));
  }

  private List<String> names() {
    return inventory.gpus().stream().map(gpu -> gpu.device().name()).toList();
  }

  @Test
  void aSpecificationInYamlSaysWhatItsDevicesAdd() throws IOException {
    Files.writeString(cdi.resolve("nvidia.yaml"), YAML);
    assertEquals(List.of("nvidia.com/gpu=1", "nvidia.com/gpu=10"), names());
    Device one = new Device("nvidia.com/gpu=1");
    assertEquals(Optional.of(BOTH), inventory.edits(List.of(one, new Device("nvidia.com/gpu=10"))));
    assertEquals(2, inventory.edits(List.of(Device.KVM, one)).orElseThrow().nodes().size());
    assertEquals(Optional.of(ContainerEdits.NONE), inventory.edits(List.of(Device.KVM)));
    assertEquals(Optional.empty(), inventory.edits(List.of(one, new Device("nvidia.com/gpu=2"))));
  }

  @Test
  void oneInJsonDoesTooAndTheLaterFolderGoesBefore() throws IOException {
    String json =
        """
        {"cdiVersion": "0.6.0",
         "kind": "nvidia.com/gpu",
         "devices": [
           {"name": "GPU-1", "containerEdits": {"env": ["OF=%s"]}},
           {"name": "all", "containerEdits": {}}]}
        """;
    Files.writeString(cdi.resolve("a.json"), json.formatted("etc"));
    Files.writeString(run.resolve("a.json"), json.formatted("run"));
    assertEquals(List.of("nvidia.com/gpu=GPU-1"), names());
    assertEquals(Map.of("OF", "run"), inventory.gpus().getFirst().edits().variables());
  }

  @Test
  void whatCannotBeFollowedToTheLetterIsLeftOut() throws IOException {
    String line = "kind: nvidia.com/gpu\ndevices:\n- name: '0'\ncontainerEdits: ";
    for (String edits :
        List.of(
            "{hooks: [{hookName: createRuntime, path: /bin/true}]}",
            "{deviceNodes: [{path: /dev/sda, type: b, major: 8, minor: 1}]}",
            "{deviceNodes: [{path: /dev/none-such}]}",
            "{deviceNodes: [{path: /dev/x, hostPath: /etc/passwd}]}",
            "{mounts: [{hostPath: /etc/../etc, containerPath: /etc}]}",
            "{mounts: [{hostPath: /etc}]}",
            "{env: ['=x']}")) {
      Files.writeString(cdi.resolve("nvidia.yaml"), line + edits + "\n");
      assertEquals(List.of(), names(), edits);
    }
    Files.writeString(cdi.resolve("nvidia.yaml"), line + "{}\n");
    assertEquals(List.of("nvidia.com/gpu=0"), names());
    Files.writeString(cdi.resolve("nvidia.yaml"), "kind: [\n");
    assertEquals(List.of(), names());
  }

  @Test
  void otherKindsAreNoGpus() throws IOException {
    Files.writeString(cdi.resolve("a.yaml"), "kind: vendor.com/net\ndevices:\n- name: eth\n");
    assertEquals(List.of(), names());
  }

  @Test
  void modelsComeFromTheDriver() throws IOException {
    Files.writeString(cdi.resolve("nvidia.yaml"), YAML);
    Path card = Files.createDirectories(folder.resolve("gpus/0000:01:00.0"));
    Files.writeString(card.resolve("information"), "Model: \t\t NVIDIA H100\nIRQ: 1\n");
    assertEquals(List.of("NVIDIA H100", ""), inventory.gpus().stream().map(Gpu::model).toList());
  }
}

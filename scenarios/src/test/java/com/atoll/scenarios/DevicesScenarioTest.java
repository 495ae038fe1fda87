package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices of the machine that a sandbox asks for. */
@Tag("fast")
@Tag("all")
final class DevicesScenarioTest {
  /** Starts a virtual machine whose one instruction stream writes a letter to a port, and halts. */
  private static final String MACHINE =
      """
      import ctypes, fcntl, mmap, os, struct
      kvm = os.open("/dev/kvm", os.O_RDWR)
      vm = fcntl.ioctl(kvm, 0xAE01, 0)
      memory = mmap.mmap(-1, 4096)
      memory[:6] = bytes([0xB0, 0x41, 0xE6, 0xE9, 0xF4, 0x90])
      address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
      fcntl.ioctl(vm, 0x4020AE46, struct.pack("<IIQQQ", 0, 0, 0, 4096, address))
      cpu = fcntl.ioctl(vm, 0xAE41, 0)
      shared = mmap.mmap(cpu, fcntl.ioctl(kvm, 0xAE04, 0))
      special = bytearray(312)
      fcntl.ioctl(cpu, 0x8138AE83, special)
      special[0:8] = bytes(8)
      special[12:14] = bytes(2)
      fcntl.ioctl(cpu, 0x4138AE84, bytes(special))
      fcntl.ioctl(cpu, 0x4090AE82, struct.pack("<18Q", *[0] * 17, 2))
      fcntl.ioctl(cpu, 0xAE80, 0)
      offset = struct.unpack_from("<Q", shared, 40)[0]
      assert struct.unpack_from("<I", shared, 8)[0] == 2, shared[:64]
      print(chr(shared[offset]))
      """;

  private final Given given = new Given();

  @Test
  void gpusThatTheMachineHasNotAreRefusedByWhatItHas() {
    given.api.post("/sandboxes", Map.of("gpu_count", 64)).expectFieldError("gpu_count");
    given.api.post("/sandboxes", Map.of("gpu_count", -1)).expectFieldError("gpu_count");
    given.api.post("/sandboxes", Map.of("gpu_model", "none-such")).expectFieldError("gpu_model");
  }

  /**
   * Two GPUs of a maker that there is not, whose specification has what those of a real one have:
   * nodes (of the kernel's zero device), files, a variable, and a hook.
   */
  private Path aMakerOfGpus(String vendor, Path driver) throws IOException {
    Path library = Files.writeString(driver.resolve("library"), "of the driver");
    Path hook = driver.resolve("hook");
    Files.writeString(
        hook,
        """
        #!/usr/bin/env python3
        import json, os, sys
        bundle = json.load(sys.stdin)["bundle"]
        root = json.load(open(bundle + "/config.json"))["root"]["path"]
        link = root + "/opt/library.so"
        if not os.path.lexists(link):
            os.symlink(sys.argv[1], link)
        on_host = open("/proc/self/uid_map").read().split()[1]
        print(os.getuid(), on_host != "0", file=open(root + "/opt/hook", "w"))
        """);
    Files.setPosixFilePermissions(driver, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    String specification =
        """
        cdiVersion: 0.6.0
        kind: %s/gpu
        containerEdits:
          env: [GPU_VISIBLE=of-the-test]
          mounts:
          - {hostPath: %s, containerPath: /opt/library.so.1, options: [ro, nosuid, nodev, rbind]}
          hooks:
          - {hookName: createContainer, path: %s, args: [hook, library.so.1]}
        devices:
        - name: "0"
          containerEdits: {deviceNodes: [{path: /dev/made/gpu0, major: 1, minor: 5}]}
        - name: "1"
          containerEdits: {deviceNodes: [{path: /dev/made/gpu1, major: 1, minor: 5}]}
        """
            .formatted(vendor, library, hook);
    return Files.writeString(
        Files.createDirectories(Path.of("/etc/cdi")).resolve(vendor + ".yaml"), specification);
  }

  @Test
  void aGpuBelongsToOneSandboxUntilThatIsDestroyed(@TempDir Path driver) throws IOException {
    Path specification = aMakerOfGpus(Given.unique("maker") + ".example", driver);
    try {
      Map<String, Object> wish =
          Map.of("isolation", "container", "gpu_count", 2, "env", Map.of("OWN", "1"));
      Reply made = given.api.post("/sandboxes", wish).expect(201);
      try (Sandbox sandbox = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        String look =
            "cat /opt/library.so; echo; cat /opt/hook; echo $GPU_VISIBLE $OWN; ls /dev/made;"
                + " head -c 3 /dev/made/gpu0 | wc -c; : < /dev/made/gpu1 && echo open";
        String seen = "of the driver\n0 True\nof-the-test 1\ngpu0\ngpu1\n3\nopen";
        assertEquals(seen, sandbox.run(look));
        assertNotEquals(0, sandbox.exec("echo x > /opt/library.so.1").exitCode());
        assertNotEquals(0, sandbox.exec("chmod 600 /dev/made/gpu0").exitCode());
        Reply second =
            given.api.post("/sandboxes", Map.of("isolation", "container", "gpu_count", 1));
        second.expectError(503, "NO_CAPACITY");
        assertTrue(second.text().contains("0 of 2 GPUs"), second::toString);
        given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
        given.api.post("/sandboxes", Map.of("gpu_count", 1)).expectError(503, "NO_CAPACITY");
        assertEquals(seen, sandbox.run(look));
        Reply fork = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
        try (Sandbox copy = new Sandbox(given.api, fork.string("id"), fork.string("slug"))) {
          copy.run("test ! -e /dev/made");
        }
      }
      Reply next = given.api.post("/sandboxes", Map.of("gpu_count", 1)).expect(201);
      new Sandbox(given.api, next.string("id"), next.string("slug")).close();
    } finally {
      Files.delete(specification);
    }
  }

  @Test
  void aVirtualMachineRunsInsideWhereTheMachineHasKvm() {
    Map<String, Object> wish =
        Map.of("size", "xs", "isolation", "container", "nested_virtualization", true);
    Reply reply = given.api.post("/sandboxes", wish);
    if (!hostHasKvm()) {
      reply.expectFieldError("nested_virtualization");
      assertTrue(reply.text().contains("the machine has no KVM"), reply::toString);
      return;
    }
    reply.expect(201);
    try (Sandbox sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"))) {
      sandbox.withFile("/workspace/machine.py", MACHINE);
      assertEquals("A", sandbox.run("python3 /workspace/machine.py"));
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      given.api.post(sandbox.at("/resume"), Map.of()).expect(200);
      assertEquals("A", sandbox.run("python3 /workspace/machine.py"));
    }
  }

  @Test
  void nobodyElseHasKvm() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run("test ! -e /dev/kvm");
      assertTrue(sandbox.exec("mknod /tmp/kvm c 10 232 && : < /tmp/kvm").exitCode() != 0);
    }
  }

  @Test
  void aPolicyKeepsKvmFromSandboxes() {
    String user = Given.unique("user");
    String policy = "/external-users/" + user + "/policy";
    Map<String, Object> features = Map.of("features", Map.of("nested_virtualization", false));
    given.api.json("PUT", policy, features, Map.of()).expect(200);
    Map<String, Object> wish = Map.of("nested_virtualization", true, "external_user_id", user);
    Reply reply = given.api.post("/sandboxes", wish);
    assertEquals("POLICY_FORBIDS", reply.string("code"), reply::toString);
    given.api.delete(policy).expect(204);
  }

  private static boolean hostHasKvm() {
    try (FileChannel device =
        FileChannel.open(Path.of("/dev/kvm"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return device.isOpen();
    } catch (IOException none) {
      return false;
    }
  }
}

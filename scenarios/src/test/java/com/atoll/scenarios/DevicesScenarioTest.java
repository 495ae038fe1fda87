package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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

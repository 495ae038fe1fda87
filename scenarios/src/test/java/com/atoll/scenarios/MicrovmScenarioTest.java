package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a sandbox in a virtual machine does as one in a container does, and what is its own. Few and
 * large: without KVM each start takes seconds.
 */
@Tag("fast")
@Tag("all")
final class MicrovmScenarioTest {
  private final Given given = new Given();

  @BeforeEach
  void virtualMachinesAreThere() {
    Reply reply = given.api.post("/sandboxes", Map.of("size", "xs", "isolation", "microvm"));
    if (reply.status() == 201) {
      given.api.delete("/sandboxes/" + reply.string("id"));
      return;
    }
    // The refusal is the promise where the owner does not allow them, or the machine cannot.
    reply.expectError(422, "ISOLATION_UNAVAILABLE");
    assertTrue(reply.text().contains("atoll up") || reply.text().contains("KVM"), reply::toString);
    assertNull(System.getenv("ATOLL_TEST_MICROVM"), () -> "they must be there: " + reply);
    assumeTrue(false, "this installation has no virtual machines");
  }

  private Given.SandboxBuilder aSandbox() {
    return given.aSandbox().with("isolation", "microvm");
  }

  @Test
  void itHasAKernelAndANameOfItsOwnAndItsFilesProcessesAndPreviewsWork() {
    try (Sandbox sandbox = aSandbox().with("env", Map.of("A", "b c")).running()) {
      assertEquals("microvm", given.api.get(sandbox.at("")).expect(200).string("isolation"));
      try (Sandbox container = given.aSandbox().with("isolation", "container").running()) {
        assertTrue(!sandbox.run("uname -v").equals(container.run("uname -v")));
      }
      assertEquals("/usr/bin/readlink", sandbox.run("readlink /proc/self/exe"));
      assertEquals(sandbox.slug() + " b c root", sandbox.run("echo $(hostname) $A $(whoami)"));
      sandbox.withFile("/workspace/a/b", "text");
      assertEquals("text", sandbox.run("cat /workspace/a/b"));
      sandbox.run("echo more > /workspace/c && ln -s c /workspace/l");
      assertEquals("more\n", sandbox.file("/workspace/l"));
      // Owners, modes, attributes and capabilities of files are kept where they are kept elsewhere.
      sandbox.run("touch /tmp/o && chown 1000:50 /tmp/o && chmod 4750 /tmp/o");
      assertEquals("1000 50 4750", sandbox.run("stat -c '%u %g %a' /tmp/o"));
      Reply resized =
          given
              .api
              .json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 1536), Map.of())
              .expect(200);
      assertTrue(resized.json().path("requires_restart").asBoolean(), resized::toString);
      assertTrue(!resized.json().path("applied_live").asBoolean(), resized::toString);
      sandbox.run("mkdir /tmp/d && rm -r /usr/share/doc && test ! -e /usr/share/doc");
      sandbox.serving(8123, "hello");
      assertTrue(sandbox.url(8123).contains(sandbox.slug()));
      assertEquals("hello", sandbox.run("curl -s 127.0.0.1:8123"));
      Reply processes = given.api.get(sandbox.at("/processes")).expect(200);
      assertTrue(processes.text().contains("serve.py"), processes::toString);
      for (String attempt :
          List.of(
              "mount -t tmpfs x /mnt",
              "echo x > /proc/sys/kernel/core_pattern",
              "echo b > /proc/sysrq-trigger",
              "mknod /tmp/port c 10 232",
              "cat /proc/1/environ /proc/1/mem",
              "curl -s -m 3 http://169.254.169.254/")) {
        assertTrue(sandbox.exec(attempt).exitCode() != 0, attempt);
      }
    }
    given.api.post("/sandboxes", Map.of("isolation", "magic")).expectFieldError("isolation");
  }

  @Test
  void aPauseKeepsProcessesAStopKeepsFilesAndAForkHasThem() {
    try (Sandbox sandbox = aSandbox().running()) {
      sandbox.run("echo kept > /workspace/kept; nohup sleep 1000 >/dev/null 2>&1 &");
      for (int i = 0; i < 3; i++) {
        given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
        assertEquals("1", sandbox.run("pgrep -c sleep"));
      }
      assertEquals("memory_resume", given.api.get(sandbox.at("")).string("boot_path"));
      // What a program changed in mapped memory, and nobody wrote, is in a fork and after a stop.
      sandbox.run(
          "python3 -c 'import mmap; f=open(\"/workspace/mapped\",\"w+b\"); f.write(b\"-\"*4096);"
              + " f.flush(); m=mmap.mmap(f.fileno(),4096); m[0:3]=b\"map\"; import os; os._exit(0)'");
      Reply made = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
      try (Sandbox fork = new Sandbox(given.api, made.string("id"), made.string("slug"))) {
        assertEquals("microvm", made.string("isolation"));
        assertEquals(
            "kept map " + fork.slug(),
            fork.run("echo $(cat /workspace/kept) $(head -c 3 /workspace/mapped) $(hostname)"));
      }
      given.api.post(sandbox.at("/fork"), Map.of("memory", true)).expectFieldError("memory");
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals(
          "keptmap",
          sandbox.run("cat /workspace/kept; head -c 3 /workspace/mapped").replace("\n", ""));
    }
  }

  @Test
  void aVolumeComesAndGoesWithAStart() {
    Reply made =
        given.api.post("/volumes", Map.of("name", Given.unique("mv"), "size_gb", 1)).expect(201);
    String volume = made.string("id");
    Map<String, Object> wish = Map.of("volume_id", volume, "mount_path", "/data");
    try (Sandbox sandbox = aSandbox().with("volumes", List.of(wish)).running()) {
      sandbox.run("echo in > /data/file && stat -c %u /data/file | grep -x 0");
      given.api.delete(sandbox.at("/volumes/" + volume)).expectError(409, "RESOURCE_STATE");
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      assertEquals("in", sandbox.run("cat /data/file"));
    }
    given.api.delete("/volumes/" + volume);
  }

  @Test
  void aLackOfMemoryAndTheEndOfProcessOneHurtNobodyElse() {
    try (Sandbox sandbox = aSandbox().running().withFile("/workspace/kept", "kept")) {
      String greedy = "python3 -c 'x=[bytearray(64<<20) for _ in range(90)]'";
      assertTrue(sandbox.exec(greedy).exitCode() != 0);
      assertEquals("kept", sandbox.run("cat /workspace/kept"));
    }
  }
}

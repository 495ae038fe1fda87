package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Paths, links and devices that would lead out of the sandbox, or hang the one who follows them.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostilePathsScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/workspace/../../../../etc/hostname", "../../../../../etc/hostname"})
  void dotsEndAtTheRootOfTheSandbox(String path) {
    Reply reply = given.api.get(sandbox.at("/fs/download?path=" + encoded(path)));
    if (reply.status() == 200) {
      assertEquals(sandbox.run("cat /etc/hostname"), reply.text().strip());
    } else {
      assertTrue(reply.status() == 400 || reply.status() == 422, reply::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sandboxes/%00/exec", "/a%00/b"})
  void aPathThatNobodyCanReadIsRefusedWhateverItsBody(String path) {
    byte[] body = new byte[200_000];
    for (int i = 0; i < 10; i++) {
      given.api.post(path, body).expectError(400, "INVALID_REQUEST");
    }
  }

  @Test
  void linksAreFollowedInsideTheSandboxOnly() {
    sandbox.run("ln -sfn /proc/1/root/etc/shadow l1; ln -sfn ../../../../../../../root/.ssh l2");
    String insideShadow = sandbox.exec("cat /etc/shadow").stdout();
    Reply read = given.api.get(sandbox.at("/fs/download?path=/workspace/l1"));
    if (read.status() == 200) {
      assertEquals(insideShadow, read.text());
    }
    sandbox.run("ln -sfn /etc outside");
    given
        .api
        .post(
            sandbox.at("/fs/write"),
            Map.of("path", "/workspace/outside/atoll-was-here", "content", "x"))
        .expect(201);
    assertEquals("x", sandbox.run("cat /etc/atoll-was-here"));
    assertFalse(java.nio.file.Files.exists(java.nio.file.Path.of("/etc/atoll-was-here")));
  }

  @Test
  void aLinkInAPublishedFolderIsNotServed() {
    sandbox.run(
        "mkdir -p /workspace/site && cd /workspace/site && echo hi > index.html"
            + " && ln -sfn /etc/passwd leak.txt && ln -sfn ../../../../../etc/passwd climb.txt"
            + " && ln -sfn index.html same.html");
    Reply reply =
        given.api.post(
            sandbox.at("/deploy"),
            Map.of("name", Given.unique("links"), "output_path", "/workspace/site"));
    if (reply.status() / 100 != 2) {
      assertTrue(reply.status() == 422 || reply.status() == 409, reply::toString);
      return;
    }
    try (Deployment site = new Deployment(given.api, reply.string("deployment_id"))) {
      Given.eventually(
          60, "publish ends", () -> !List.of("pending", "building").contains(site.state()));
      if (site.state().equals("running")) {
        for (String leak : List.of("/leak.txt", "/climb.txt")) {
          assertFalse(given.api.page(site.url() + leak).text().contains("root:"), leak);
        }
      }
    }
  }

  @Test
  void devicesAndPipesAreRefusedAndNobodyHangs() {
    sandbox.run("rm -f /workspace/pipe; mkfifo /workspace/pipe");
    Reply pipe = given.api.get(sandbox.at("/fs/download?path=/workspace/pipe"));
    assertTrue(pipe.status() >= 400 && pipe.status() < 500, pipe::toString);
    Reply device = given.api.get(sandbox.at("/fs/download?path=/dev/zero"));
    assertTrue(device.status() >= 400 && device.status() < 500, device::toString);
    Reply write =
        given.api.post(sandbox.at("/fs/write"), Map.of("path", "/workspace/pipe", "content", "x"));
    assertTrue(write.status() < 500, write::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 5000})
  void hugeNamesAreRefused(int length) {
    Reply reply =
        given.api.post(
            sandbox.at("/fs/write"),
            Map.of("path", "/workspace/" + "n".repeat(length), "content", "x"));
    assertTrue(reply.status() == 400 || reply.status() == 422, reply::toString);
  }

  @Test
  void anArchiveHoldsLinksAsLinks() {
    sandbox.run(
        "mkdir -p /workspace/pack && cd /workspace/pack && echo a > a && ln -sfn /etc/passwd p");
    Reply archive = given.api.get(sandbox.at("/exports/download?path=/workspace/pack")).expect(200);
    assertEquals((byte) 0x1f, archive.bytes()[0]);
  }

  @Test
  void badBase64IsNamed() {
    given
        .api
        .post(sandbox.at("/fs/write"), Map.of("path", "/workspace/x", "content_base64", "@@@"))
        .expectFieldError("content_base64");
  }

  private static String encoded(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8);
  }
}

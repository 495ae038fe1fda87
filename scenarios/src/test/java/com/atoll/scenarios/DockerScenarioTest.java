package com.atoll.scenarios;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A Docker engine inside a sandbox: images that are loaded, containers, a network of services. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DockerScenarioTest {
  private static final String IMAGE =
      "cd / && tar -c bin sbin lib lib64 usr/bin/python3* usr/bin/sh usr/bin/bash usr/bin/dash"
          + " usr/bin/curl usr/bin/sleep usr/bin/cat usr/lib/x86_64-linux-gnu usr/lib64"
          + " usr/lib/python3.13 etc/ssl 2>/dev/null | docker import - made > /dev/null;"
          + " docker image inspect made > /dev/null";
  private static final String COMPOSE =
      """
      services:
        web:
          image: made
          command: ["python3", "-m", "http.server", "8000"]
          ports: ["8090:8000"]
        ask:
          image: made
          command: ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do curl -sf http://web:8000/ && exit 0; sleep 1; done"]
          depends_on: [web]
      """;

  private static final Map<String, Object> WISH = Map.of("docker", true, "isolation", "container");

  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = inTemplateOnceBuilt();
    sandbox.run("docker-up");
    Sandbox.Result made = sandbox.exec(IMAGE, 120);
    assertEquals(0, made.exitCode(), made::toString);
  }

  private Sandbox inTemplateOnceBuilt() {
    AtomicReference<@Nullable Reply> last = new AtomicReference<>();
    Given.eventually(
        600,
        "template docker is built",
        () -> last.updateAndGet(before -> given.api.post("/sandboxes", WISH)).status() == 201,
        () -> String.valueOf(last.get()));
    Reply reply = requireNonNull(last.get());
    return new Sandbox(given.api, reply.string("id"), reply.string("slug"));
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void aContainerRunsWithinItsLimits() {
    assertEquals("hello", sandbox.run("docker run --rm made /bin/sh -c 'echo hello'"));
    String limit =
        "docker run --rm -m 64m made sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
            + " /sys/fs/cgroup/memory.max 2>/dev/null'";
    assertEquals("67108864", sandbox.run(limit + "; true"));
    assertEquals("overlay2", sandbox.run("docker info -f '{{.Driver}}'"));
  }

  @Test
  void servicesFindEachOtherAndAPublishedPortIsAPreview() {
    sandbox.withFile("/workspace/c/compose.yaml", COMPOSE);
    sandbox.run("cd /workspace/c && docker compose up -d 2>&1");
    Given.eventually(
        30,
        "one service asked the other",
        () -> sandbox.run("cd /workspace/c && docker compose logs ask").contains("Directory"));
    sandbox.run("curl -sf http://127.0.0.1:8090/ > /dev/null");
    assertTrue(sandbox.url(8090).contains("8090-" + sandbox.slug()));
  }

  @Test
  void anotherTemplateHasNoEngine() {
    given
        .api
        .post("/sandboxes", Map.of("docker", true, "template_id", "blank"))
        .expectFieldError("template_id");
  }
}

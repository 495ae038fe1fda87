package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.Instance;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.InstanceState;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.ReleaseRef;
import com.atoll.node.v1.TailInstanceRequest;
import io.grpc.Status;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Releases, their static files and their instances, on the whole node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodePublishTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
    node.claim("app");
    node.out(
        "app", "mkdir -p dist/assets; echo home > dist/index.html; echo js > dist/assets/a.js");
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  @Test
  void equalFilesGiveEqualReleasesAndLaterChangesDoNotReachThem() throws IOException {
    Release first = freeze("same-1");
    Release second = freeze("same-2");
    assertEquals(first.getSha256(), second.getSha256());
    node.out("app", "echo changed > dist/index.html");
    assertEquals(first, freeze("same-1"));
    Release exported = export("same-1", "dist");
    assertTrue(exported.getExported());
    Path files = node.installation().exports().resolve("same-1");
    assertEquals("home\n", Files.readString(files.resolve("index.html")));
    assertEquals(65_533, Files.getAttribute(files.resolve("assets/a.js"), "unix:gid"));
    node.out("app", "echo home > dist/index.html");
    drop("same-1");
    drop("same-2");
    assertFalse(Files.exists(files));
  }

  @Test
  void linksOutOfTheReleaseAreNotPublished() {
    node.out("app", "mkdir -p bad/in; ln -s /etc/passwd bad/in/l; ln -s ../in bad/in/loop");
    freeze("links");
    assertEquals(
        Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> export("links", "bad/in")));
    node.out("app", "rm bad/in/l");
    freeze("loops");
    assertEquals(
        Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> export("loops", "bad")));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, NodeProcessTest.code(() -> export("loops", "../etc")));
    node.out("app", "rm -r bad; mkfifo dist/fifo");
    freeze("special");
    assertEquals(
        Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> export("special", "dist")));
    node.out("app", "rm dist/fifo");
    List.of("links", "loops", "special").forEach(this::drop);
  }

  @Test
  void anInstanceStaysUpWithoutAnybody() throws IOException {
    freeze("web");
    String command = "echo up on $PORT; exec python3 -u -m http.server $PORT -d dist";
    Instance started = start("web-1", "web", command);
    assertEquals(InstanceState.STARTING, started.getState());
    Instance healthy = awaitHealthy("web-1");
    assertFalse(healthy.getLoopbackOnly());
    assertEquals("home\n", fetch(healthy));
    assertTrue(logs("web-1").startsWith("up on 8000\n"));
    assertEquals(Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> drop("web")));

    node.kill();
    assertEquals("home\n", fetch(healthy));
    node.start();
    Instance adopted = awaitHealthy("web-1");
    assertEquals(healthy.getIncarnation(), adopted.getIncarnation());
    assertEquals(0, adopted.getRestarts());

    node.kill();
    node.tearDown();
    node.start();
    Instance again = awaitHealthy("web-1");
    assertTrue(again.getIncarnation() > healthy.getIncarnation());
    assertEquals("home\n", fetch(again));
    assertEquals(2, logs("web-1").split("up on 8000", -1).length - 1);

    var _ = node.node().stopInstance(InstanceRef.newBuilder().setId("web-1").build());
    assertEquals(InstanceState.STOPPED, get("web-1").getState());
    NodeUnderTest.await("the end", () -> !answers(again));
    assertTrue(logs("web-1").contains("up on 8000"));
    drop("web");
    assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> get("web-1")));
  }

  @Test
  void anInstanceThatFailsIsStartedAgainAndSaysWhy() {
    freeze("fail");
    start("fail-1", "fail", "echo about to fail >&2; exit 7");
    NodeUnderTest.await("restarts", () -> get("fail-1").getRestarts() >= 2);
    Instance failing = get("fail-1");
    assertEquals(7, failing.getLastExitCode());
    assertTrue(logs("fail-1").startsWith("about to fail\nabout to fail\n"));
    var _ = node.node().stopInstance(InstanceRef.newBuilder().setId("fail-1").build());
    drop("fail");
  }

  @Test
  void aCommandOnTheLoopbackIsFoundAndNamedSo() {
    freeze("loopback");
    start("loopback-1", "loopback", "exec python3 -m http.server $PORT -b 127.0.0.1");
    assertTrue(awaitHealthy("loopback-1").getLoopbackOnly());
    var _ = node.node().stopInstance(InstanceRef.newBuilder().setId("loopback-1").build());
    drop("loopback");
  }

  private Release freeze(String id) {
    return node.node()
        .freezeRelease(
            FreezeReleaseRequest.newBuilder().setReleaseId(id).setWorkloadId("app").build());
  }

  private Release export(String id, String subdirectory) {
    return node.node()
        .exportStatic(
            ExportStaticRequest.newBuilder()
                .setReleaseId(id)
                .setSubdirectory(subdirectory)
                .build());
  }

  private void drop(String id) {
    var _ = node.node().dropRelease(ReleaseRef.newBuilder().setId(id).build());
    assertTrue(
        node.node().listReleases(ListRequest.getDefaultInstance()).getReleasesList().stream()
            .noneMatch(release -> release.getId().equals(id)));
  }

  private Instance start(String id, String release, String command) {
    return node.node()
        .startInstance(
            InstanceSpec.newBuilder()
                .setId(id)
                .setReleaseId(release)
                .setCommand(command)
                .setPort(8000)
                .setHealthPath("/")
                .setLimits(NodeUnderTest.limits())
                .build());
  }

  private Instance get(String id) {
    return node.node().getInstance(InstanceRef.newBuilder().setId(id).build());
  }

  private Instance awaitHealthy(String id) {
    NodeUnderTest.await(id + " is healthy", () -> get(id).getState() == InstanceState.HEALTHY);
    return get(id);
  }

  private String logs(String id) {
    return node.node()
        .instanceLogs(TailInstanceRequest.newBuilder().setId(id).build())
        .getOutput()
        .toStringUtf8();
  }

  private static boolean answers(Instance instance) {
    try {
      return !fetch(instance).isEmpty();
    } catch (IOException gone) {
      return false;
    }
  }

  private static String fetch(Instance instance) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://" + instance.getAddress() + ":" + instance.getPort() + "/index.html")
                .toURL()
                .openConnection();
    connection.setConnectTimeout(2_000);
    connection.setReadTimeout(5_000);
    try (var body = connection.getInputStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

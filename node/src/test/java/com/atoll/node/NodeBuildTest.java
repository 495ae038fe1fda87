package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.BootPath;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.Workload;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Images that are built in sandboxes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeBuildTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  @Test
  void stepsRunOneAfterTheOtherAndTheResultIsATemplate() {
    var _ =
        node.node()
            .startTemplateBuild(
                NodeUnderTest.buildOf("one")
                    .addSteps("echo $COLOR > color && pwd > /where")
                    .addSteps("rm -rf /usr/share/doc && echo $COLOR >> color")
                    .putEnv("COLOR", "green")
                    .setWorkdir("/srv/app")
                    .setStartCommand("exec python3 -m http.server $PORT")
                    .setPreviewPort(8123)
                    .build());
    TemplateBuild build = node.awaitBuild("one", "ready");
    assertEquals("port", build.getProbe());
    assertTrue(build.getReadyMs() > 0);
    assertEquals(
        List.of("queued", "building", "certifying", "snapshotting", "ready"),
        build.getEventsList().stream().map(event -> event.getState()).toList());
    Workload made = node.node().claim(NodeUnderTest.claimOf("w").setTemplateId("one").build());
    assertEquals(BootPath.COLD_BOOT, made.getBootPath());
    assertEquals("green\ngreen\n/srv/app\n", node.out("w", "cat /srv/app/color /where"));
    assertEquals("green\n", node.out("w", "echo $COLOR; ls /usr/share/doc 2>/dev/null"));
    node.destroy("w");
    NodeUnderTest.await(
        "a warm one, because it was asked for",
        () -> {
          Workload next =
              node.node().claim(NodeUnderTest.claimOf("x").setTemplateId("one").build());
          node.destroy("x");
          return next.getBootPath() == BootPath.WARM_POOL;
        });
  }

  @Test
  void aStepThatWasDoneIsNotDoneAgain() {
    var _ = node.node().startTemplateBuild(step("a", "date +%N > /when"));
    node.awaitBuild("a", "ready");
    var _ =
        node.node()
            .startTemplateBuild(step("b", "date +%N > /when").toBuilder().addSteps("true").build());
    node.awaitBuild("b", "ready");
    assertTrue(node.buildLog("b").contains("CACHED RUN date"), () -> node.buildLog("b"));
    assertEquals(read("a", "/when"), read("b", "/when"));
    var _ =
        node.node()
            .startTemplateBuild(step("c", "date +%N > /when").toBuilder().setScope("x").build());
    node.awaitBuild("c", "ready");
    assertFalse(read("a", "/when").equals(read("c", "/when")));
  }

  @Test
  void aTemplateMayStandOnAnother() {
    var _ = node.node().startTemplateBuild(step("lower", "echo low > /low; echo low > /both"));
    node.awaitBuild("lower", "ready");
    var _ =
        node.node()
            .startTemplateBuild(
                step("upper", "rm /low; echo up > /both").toBuilder().setFrom("lower").build());
    node.awaitBuild("upper", "ready");
    assertEquals("up\n", read("upper", "/both /low 2>/dev/null"));
    drop("lower");
    assertEquals("up\n", read("upper", "/both"));
    StatusRuntimeException gone =
        assertThrows(StatusRuntimeException.class, () -> read("lower", "/both"));
    assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode());
  }

  @Test
  void aBuildThatTakesAnIdAgainTouchesNothingThatStandsOnTheOneBefore() {
    var _ = node.node().startTemplateBuild(step("again", "echo first > /who"));
    node.awaitBuild("again", "ready");
    var _ = node.node().claim(NodeUnderTest.claimOf("kept").setTemplateId("again").build());
    for (String line : List.of("echo second > /who", "exit 3")) {
      drop("again");
      var _ =
          node.node().startTemplateBuild(step("again", line).toBuilder().setScope("other").build());
      node.awaitBuild("again", line.equals("exit 3") ? "failed" : "ready");
      var _ =
          node.node()
              .fork(
                  ForkRequest.newBuilder()
                      .setSourceId("kept")
                      .setClaim(NodeUnderTest.claimOf("copy"))
                      .build());
      assertEquals("first\nfirst\n", node.out("kept", "cat /who") + node.out("copy", "cat /who"));
      node.destroy("copy");
      NodeUnderTest.await("it is gone", () -> isGone("copy"));
    }
    node.destroy("kept");
    drop("again");
  }

  @Test
  void whatFailsIsNoTemplate() {
    var _ = node.node().startTemplateBuild(step("bad", "echo told; exit 3"));
    TemplateBuild build = node.awaitBuild("bad", "failed");
    assertEquals("BUILD_STEP_FAILED", build.getErrorCode());
    assertTrue(build.getError().startsWith("step 1 ended with 3"), build::getError);
    assertTrue(node.buildLog("bad").contains("told\n"));
    assertThrows(StatusRuntimeException.class, () -> read("bad", "/etc/hostname"));
    var _ =
        node.node()
            .startTemplateBuild(
                step("mute", "true").toBuilder()
                    .setStartCommand("exit 4")
                    .setPreviewPort(80)
                    .build());
    TemplateBuild mute = node.awaitBuild("mute", "failed");
    assertEquals("CERTIFICATION_FAILED", mute.getErrorCode());
    assertThrows(StatusRuntimeException.class, () -> read("mute", "/etc/hostname"));
    var _ = node.node().startTemplateBuild(step("none", "true").toBuilder().setFrom("nil").build());
    assertEquals("BASE_NOT_FOUND", node.awaitBuild("none", "failed").getErrorCode());
    var _ =
        node.node()
            .startTemplateBuild(
                step("far", "true").toBuilder().setFrom("oci://127.0.0.1:1/x").build());
    assertTrue(node.awaitBuild("far", "failed").getError().contains("are not allowed here"));
  }

  @Test
  void aStartCommandThatFailsAtOnceIsNotCertified() {
    for (String line : List.of("exit 3", "sleep 0.5; exit 3")) {
      var _ =
          node.node()
              .startTemplateBuild(step("dies", "true").toBuilder().setStartCommand(line).build());
      TemplateBuild build = node.awaitBuild("dies", "failed");
      assertEquals("CERTIFICATION_FAILED", build.getErrorCode());
      assertTrue(build.getError().endsWith("its start command ended with 3"), build::getError);
      drop("dies");
    }
    for (String line : List.of("exec sleep 1000", "sleep 1000 & exit 0")) {
      var _ =
          node.node()
              .startTemplateBuild(step("runs", "true").toBuilder().setStartCommand(line).build());
      assertEquals("start", node.awaitBuild("runs", "ready").getProbe());
      drop("runs");
    }
  }

  @Test
  void theWorkdirIsMadeWhateverIsCached() {
    String other = "pwd; date +%N > /other";
    var bare = NodeUnderTest.buildOf("bare").setWorkdir("/srv/bare").build();
    var _ = node.node().startTemplateBuild(bare);
    node.awaitBuild("bare", "ready");
    assertEquals("root\n", owner("bare", "/srv/bare"));
    var longer =
        NodeUnderTest.buildOf("longer")
            .setWorkdir("/srv/x")
            .addActions(at(other))
            .addActions(at("true"));
    var _ = node.node().startTemplateBuild(longer.build());
    node.awaitBuild("longer", "ready");
    var shorter = NodeUnderTest.buildOf("shorter").setWorkdir("/srv/x").addActions(at(other));
    var _ = node.node().startTemplateBuild(shorter.build());
    node.awaitBuild("shorter", "ready");
    assertTrue(node.buildLog("shorter").contains("CACHED RUN pwd"), () -> node.buildLog("shorter"));
    assertEquals("root\n", owner("shorter", "/srv/x"));
  }

  private static com.atoll.node.v1.BuildStep at(String line) {
    return com.atoll.node.v1.BuildStep.newBuilder().setRun(line).setWorkdir("/x").build();
  }

  private String owner(String template, String folder) {
    return run(template, "stat -c %U " + folder);
  }

  @Test
  void aBuildIsCalledOff() {
    var _ = node.node().startTemplateBuild(step("long", "echo begun; sleep 1000"));
    NodeUnderTest.await("it runs", () -> node.buildLog("long").contains("begun"));
    drop("long");
    StatusRuntimeException gone =
        assertThrows(StatusRuntimeException.class, () -> node.buildLog("long"));
    assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode());
    var _ = node.node().startTemplateBuild(step("long", "true"));
    node.awaitBuild("long", "ready");
  }

  @Test
  void aCancelledBuildEndsAtOnceAndKeepsItsLog() {
    var _ = node.node().startTemplateBuild(step("stop", "echo begun; sleep 1000"));
    NodeUnderTest.await("it runs", () -> node.buildLog("stop").contains("begun"));
    assertEquals("cancelled", cancel("stop").getState());
    assertEquals("cancelled", cancel("stop").getState());
    assertTrue(node.buildLog("stop").contains("begun"));
    assertThrows(StatusRuntimeException.class, () -> read("stop", "/etc/hostname"));
    assertEquals("cancelled", node.awaitBuild("stop", "cancelled").getState());
    var _ = node.node().startTemplateBuild(step("done", "true"));
    node.awaitBuild("done", "ready");
    assertEquals("ready", cancel("done").getState());
    drop("done");
    drop("stop");
  }

  @Test
  void buildsOfTheSameStepsAtOnceDoNotHarmEachOther() {
    for (int round = 0; round < 8; round++) {
      List<String> both = List.of("same-a" + round, "same-b" + round);
      for (String id : both) {
        var _ =
            node.node()
                .startTemplateBuild(
                    step(id, "echo " + round + " > /a").toBuilder()
                        .addSteps("sleep 0.2; cp /a /b")
                        .build());
      }
      both.forEach(id -> node.awaitBuild(id, "ready"));
      assertEquals(round + "\n", read(both.getLast(), "/b"));
      both.forEach(this::drop);
    }
  }

  @Test
  void aCancelledBuildWhoseProbeHangsHoldsNobodyUp() {
    long began = System.nanoTime();
    List<String> hanging = List.of("hangs-a", "hangs-b");
    for (String id : hanging) {
      var _ =
          node.node()
              .startTemplateBuild(
                  step(id, "true").toBuilder().setReadyCommand("sleep 100").build());
    }
    for (String id : hanging) {
      NodeUnderTest.await("it is probed", () -> node.buildLog(id).contains("Booted"));
      assertEquals("cancelled", cancel(id).getState());
    }
    var _ = node.node().startTemplateBuild(step("next", "true"));
    node.awaitBuild("next", "ready");
    assertTrue(System.nanoTime() - began < 45_000_000_000L, "a probe lasts 60 s");
    hanging.forEach(this::drop);
    drop("next");
  }

  @Test
  void aTemplateThatStandsOnTooManyIsToldSo() {
    String below = "tiny";
    for (int depth = 0; depth < 32; depth++) {
      String id = "deep-" + depth;
      var _ = node.node().startTemplateBuild(step(id, "true").toBuilder().setFrom(below).build());
      node.awaitBuild(id, "ready");
      below = id;
    }
    var _ =
        node.node().startTemplateBuild(step("deeper", "true").toBuilder().setFrom(below).build());
    TemplateBuild refused = node.awaitBuild("deeper", "failed");
    assertEquals("BASE_FAILED", refused.getErrorCode());
    assertTrue(refused.getError().contains("as many templates"), refused::getError);
  }

  private TemplateBuild cancel(String id) {
    return node.node().cancelTemplateBuild(TemplateBuildRef.newBuilder().setId(id).build());
  }

  @Test
  void badRequestsNameTheirField() {
    for (var bad :
        List.of(
            step("q", "").toBuilder().build(),
            step("q", "true").toBuilder().setUser("a b").build(),
            step("q", "true").toBuilder().setWorkdir("here").build(),
            step("q", "true").toBuilder().addPackages("--force").build(),
            step("q", "true").toBuilder().putEnv("a=b", "c").build())) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> node.node().startTemplateBuild(bad));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
  }

  private static com.atoll.node.v1.TemplateBuildRequest step(String id, String line) {
    return NodeUnderTest.buildOf(id).addSteps(line).build();
  }

  private String read(String template, String files) {
    return run(template, "cat " + files);
  }

  private String run(String template, String line) {
    var _ = node.node().claim(NodeUnderTest.claimOf("r").setTemplateId(template).build());
    String text = node.out("r", line);
    node.destroy("r");
    NodeUnderTest.await("it is gone", () -> isGone("r"));
    return text;
  }

  private boolean isGone(String id) {
    try {
      var _ = node.get(id);
      return false;
    } catch (StatusRuntimeException gone) {
      return true;
    }
  }

  private void drop(String id) {
    var _ = node.node().dropTemplateBuild(TemplateBuildRef.newBuilder().setId(id).build());
  }
}

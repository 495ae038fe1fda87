package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Images of a registry on the loopback, Debian's docker-registry. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodePullTest {
  private static final String REMOVE = "rm -rf --one-file-system";

  private NodeUnderTest node;
  private TestRegistry registry;
  private Path folder;
  private String address;
  private byte[] base;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    Path unpacker = node.installation().dist().resolve("templates/miosa-sandbox");
    Files.createDirectories(unpacker);
    Files.writeString(unpacker.resolve("template.json"), "{\"from\": \"tiny\"}");
    node.start();
    node.awaitTemplate();
    folder = Files.createTempDirectory("atoll-pull-test");
    address = node.installation().imageRegistries().getFirst();
    registry = new TestRegistry(address, folder);
    base = packed("tar -C " + root() + " -cz --exclude=./usr/share .");
  }

  @AfterAll
  void end() throws IOException {
    registry.close();
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
    packed(REMOVE + " " + folder);
  }

  /** The root of the test's own template, as the node has it mounted. */
  private Path root() throws IOException {
    Path images = node.installation().run().resolve("images");
    Path inside = Path.of("/proc/" + node.process().pid() + "/root/").resolve("." + images);
    try (Stream<Path> all = Files.list(inside)) {
      return all.findFirst().orElseThrow();
    }
  }

  private byte[] packed(String line) throws IOException {
    Process process = new ProcessBuilder("bash", "-c", line).start();
    byte[] bytes = process.getInputStream().readAllBytes();
    assertEquals(0, process.onExit().join().exitValue(), line);
    return bytes;
  }

  /** A layer of what the shell line makes in an empty folder. */
  private byte[] layer(String line) throws IOException {
    Path made = Files.createTempDirectory(folder, "layer");
    return packed("cd " + made + " && { " + line + "; } >/dev/null && tar -cz .");
  }

  private TemplateBuild build(String id, String image, String state) {
    var _ =
        node.node()
            .startTemplateBuild(
                NodeUnderTest.buildOf(id)
                    .setFrom("oci://" + address + "/" + image)
                    .addSteps("echo step > /step")
                    .build());
    return node.awaitBuild(id, state);
  }

  private String read(String template, String line) {
    var _ = node.node().claim(NodeUnderTest.claimOf("r").setTemplateId(template).build());
    String text = node.out("r", line);
    node.destroy("r");
    var _ = node.node().dropTemplateBuild(TemplateBuildRef.newBuilder().setId(template).build());
    return text;
  }

  @Test
  void layersLieOverOneAnother() throws IOException {
    byte[] upper =
        layer(
            "mkdir -p etc opt/tool && touch etc/.wh.debian_version opt/.wh..wh..opq"
                + " && echo two > opt/tool/file && chown 1000:1001 opt/tool/file"
                + " && chmod 4750 opt/tool/file && ln -s tool/file opt/link"
                + " && ln opt/tool/file opt/hard && mknod opt/device c 1 3");
    Map<String, Object> settings =
        Map.of("Env", List.of("PATH=/opt/tool/bin:/usr/bin:/bin", "COLOR=red"));
    registry.push("team/app", "v1", List.of(base, upper), settings);
    build("one", "team/app:v1", "ready");
    assertTrue(node.buildLog("one").contains("PULL 2/2"), () -> node.buildLog("one"));
    build("two", "team/app:v1", "ready");
    assertTrue(!node.buildLog("two").contains("PULL"), () -> node.buildLog("two"));
    assertEquals(
        "step\ntwo\ntwo\ntwo\n4750 1000 1001\nred /opt/tool/bin:/usr/bin:/bin\ngone\ngone\n",
        read(
            "one",
            "cat /step /opt/tool/file /opt/link /opt/hard;"
                + " stat -c '%a %u %g' /opt/tool/file; echo $COLOR $PATH;"
                + " for f in /etc/debian_version /opt/device; do [ -e $f ] || echo gone; done"));
    assertEquals("tmpfs\n", read("two", "stat -f -c %T /dev"));
  }

  @Test
  void aHostileLayerReachesNothing() throws IOException {
    Path trap = Files.createDirectory(folder.resolve("trap"));
    byte[] links =
        layer("ln -s " + trap + " out; ln -s / top; mkdir -p usr; ln -s ../../.. usr/up");
    byte[] through = layer("mkdir -p out top/tmp usr/up; echo x > out/file; echo x > top/owned");
    registry.push("team/evil", "v1", List.of(base, links, through), Map.of());
    build("evil", "team/evil:v1", "ready");
    assertEquals("x\n", read("evil", "cat /out/file"));
    try (Stream<Path> caught = Files.list(trap)) {
      assertEquals(0, caught.count());
    }
    byte[] climbing =
        packed(
            "cd " + folder + " && echo x > climb && tar -czP --transform s,climb,../../up, climb");
    registry.push("team/climb", "v1", List.of(base, climbing), Map.of());
    TemplateBuild refused = build("climb", "team/climb:v1", "failed");
    assertEquals("PULL_FAILED", refused.getErrorCode());
    byte[] root =
        packed(
            "mkdir -p "
                + folder.resolve("taking/oci")
                + " && cd "
                + folder.resolve("taking")
                + " && ln -s / root && echo 'import os; os.rename(\"/oci\", \"/was\");"
                + " os.symlink(\""
                + trap
                + "\", \"/oci\")' > oci/unpack.py"
                + " && tar -cz --transform 's,^root$,.,S' root oci/unpack.py");
    registry.push("team/taking", "v1", List.of(root, base), Map.of());
    TemplateBuild taking = build("taking", "team/taking:v1", "failed");
    assertEquals("PULL_FAILED", taking.getErrorCode());
    assertTrue(
        node.buildLog("taking").contains("take the place of the image's root"),
        () -> node.buildLog("taking"));
  }

  @Test
  void whatIsNotWhatItsDigestSaysIsRefused() throws IOException {
    byte[] layer = layer("echo good > good");
    List<String> digests = registry.push("team/spoiled", "v1", List.of(base, layer), Map.of());
    byte[] other = layer.clone();
    other[other.length / 2] ^= 1;
    Files.write(registry.blob(digests.getLast()), other);
    TemplateBuild refused = build("spoiled", "team/spoiled:v1", "failed");
    assertEquals("PULL_FAILED", refused.getErrorCode());
    assertTrue(refused.getError().contains("not what the registry said"), refused::getError);
  }

  @Test
  void whatIsNotThereIsSaid() {
    TemplateBuild missing = build("missing", "team/none:v9", "failed");
    assertTrue(missing.getError().contains("has no team/none in version v9"), missing::getError);
  }
}

package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.WireServer.Answer;
import com.atoll.cli.WireServer.Ran;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CopyTest {
  private static final String BASE = "/api/v1/sandboxes/demo";
  private final WireServer server = new WireServer();

  @AfterEach
  void stop() {
    server.close();
  }

  private Ran fileTo(Path target) {
    server
        .on("POST", BASE + "/fs/stat", Answer.json(200, "{\"is_dir\":false,\"mode\":\"0640\"}"))
        .on("GET", BASE + "/fs/download?path=%2Fx", Answer.bytes("new"));
    return server.atoll("sandbox", "cp", "demo:/x", target.toString());
  }

  private boolean looksAreAtWhatLinksLeadTo() {
    return server.asked.stream()
        .filter(asked -> asked.path().endsWith("/fs/stat"))
        .allMatch(asked -> asked.json().path("follow").asBoolean(false));
  }

  @Test
  void aFileGoesThroughALink(@TempDir Path folder) throws Exception {
    Path real = Files.writeString(folder.resolve("real"), "original");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
    Ran ran = fileTo(link);
    assertEquals(0, ran.code(), ran.err());
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(real));
    Path lost = Files.createSymbolicLink(folder.resolve("lost"), Path.of("nowhere"));
    assertEquals(1, fileTo(lost).code());
    assertTrue(Files.isSymbolicLink(lost));
  }

  @Test
  void whatALinkThereLeadsToIsCopiedWithItsOwnMode(@TempDir Path folder) throws Exception {
    Path target = folder.resolve("new");
    assertEquals(0, fileTo(target).code());
    assertTrue(looksAreAtWhatLinksLeadTo());
    assertEquals(
        PosixFilePermissions.fromString("rw-r-----"), Files.getPosixFilePermissions(target));
  }

  @Test
  void aFileGoesIntoAPipeAndLeavesItOne(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process reader =
        new ProcessBuilder("timeout", "30", "cat", pipe.toString())
            .redirectErrorStream(true)
            .start();
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(() -> reader.inputReader().lines().toList().toString());
    Ran ran = fileTo(pipe);
    assertFalse(Files.isRegularFile(pipe));
    assertEquals(0, ran.code(), ran.err());
    assertEquals("[new]", read.join());
  }

  @Test
  void aFileGoesIntoAFolderThatIsThere(@TempDir Path folder) throws Exception {
    server
        .on("POST", BASE + "/fs/stat", Answer.json(200, "{\"is_dir\":true}"))
        .on("POST", BASE + "/fs/write", Answer.json(201, "{}"));
    Path file = Files.writeString(folder.resolve("app.py"), "x");
    assertEquals(0, server.atoll("sandbox", "cp", file.toString(), "demo:/workspace").code());
    assertEquals("/workspace/app.py", server.asked.getLast().json().path("path").asString());
    assertTrue(looksAreAtWhatLinksLeadTo());
  }

  @Test
  void aFolderComesFromTheApiAndWhatIsLeftOutIsTold(@TempDir Path from, @TempDir Path to)
      throws Exception {
    Path tree = Files.createDirectory(from.resolve("out"));
    Files.createDirectory(tree.resolve("empty"));
    Files.writeString(tree.resolve("n".repeat(150)), "long");
    Files.setPosixFilePermissions(
        Files.writeString(tree.resolve("run"), "#!"), PosixFilePermissions.fromString("rwx--x---"));
    Process packed =
        new ProcessBuilder("tar", "--format=pax", "-czf", "-", "-C", from.toString(), "out")
            .start();
    byte[] archive = packed.getInputStream().readAllBytes();
    server
        .on("POST", BASE + "/fs/stat", Answer.json(200, "{\"is_dir\":true}"))
        .on("POST", BASE + "/exec", Answer.json(200, "{\"stdout\":\"./pipe\\n\"}"))
        .on(
            "GET",
            BASE + "/exports/download?format=tar.gz&path=%2Fworkspace%2Fout",
            Answer.bytes(new String(archive, StandardCharsets.ISO_8859_1)));
    Path target = to.resolve("here");
    Ran ran = server.atoll("sandbox", "cp", "demo:out", target.toString());
    assertEquals(1, ran.code());
    assertTrue(ran.err().contains("not copied, as it is no file, folder or link: ./pipe"));
    assertEquals("long", Files.readString(target.resolve("n".repeat(150))));
    assertTrue(Files.isDirectory(target.resolve("empty")));
    assertEquals(
        PosixFilePermissions.fromString("rwx--x---"),
        Files.getPosixFilePermissions(target.resolve("run")));
  }
}

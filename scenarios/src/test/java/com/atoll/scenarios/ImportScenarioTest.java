package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Archives that go in, and what is found in files. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImportScenarioTest {
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

  private Reply send(String path, byte[] archive) {
    return given.api.send(
        "POST",
        sandbox.at("/files/import?path=" + path),
        BodyPublishers.ofByteArray(archive),
        Map.of("Content-Type", "application/octet-stream"));
  }

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(("of " + name).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void anExportComesBackAsItWas() {
    sandbox.run(
        "mkdir -p src/deep && echo one > src/deep/a && chmod 750 src/deep/a && ln -s a src/deep/l");
    sandbox.run("tar -czf /tmp/packed.tgz -C src . && tar -cf /tmp/plain.tar -C src .");
    for (String packed : List.of("/tmp/packed.tgz", "/tmp/plain.tar")) {
      byte[] archive = given.api.get(sandbox.at("/fs/download?path=" + packed)).expect(200).bytes();
      sandbox.run("rm -rf back");
      Reply reply = send("/workspace/back", archive).expect(201);
      assertEquals("/workspace/back", reply.string("path"));
      assertEquals(3, reply.json().path("entries").asInt(), reply::toString);
      assertEquals("", sandbox.run("diff -r --no-dereference src back"));
      assertEquals("750", sandbox.run("stat -c %a back/deep/a").strip());
    }
  }

  @Test
  void aZipIsUnpackedAndReplacesFiles() throws IOException {
    sandbox.run("mkdir -p z && echo old > z/ü");
    assertEquals(2, send("z", zip("ü", "d/e/f")).expect(201).json().path("entries").asInt());
    assertEquals("of ü", sandbox.file("/workspace/z/ü"));
    assertEquals("of d/e/f", sandbox.file("/workspace/z/d/e/f"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escaped", "/escaped", "a/../../escaped", "d\\..\\escaped", "a\0b"})
  void nothingLeavesTheFolder(String name) throws IOException {
    Reply reply = send("/srv/hold", zip("beside", name));
    assertTrue(reply.status() == 400 || reply.status() == 422, reply::toString);
    assertEquals(
        "0", sandbox.run("find / -xdev -name escaped -o -xdev -name beside | wc -l").strip());
  }

  @Test
  void aLinkOnTheWayIsNotFollowed() throws IOException {
    sandbox.run("mkdir -p hold /srv/kept && ln -sfn /srv/kept hold/way");
    send("hold", zip("way/x")).expectError(400, "NOT_A_FILE");
    assertEquals("", sandbox.run("ls /srv/kept"));
  }

  @Test
  void whatIsNoArchiveSaysSo() {
    send("none", new byte[0]).expectError(422, "VALIDATION_FAILED");
    send("none", "no archive".repeat(200_000).getBytes(StandardCharsets.UTF_8))
        .expectError(422, "VALIDATION_FAILED");
    byte[] cut = Collections.nCopies(100, "x").toString().getBytes(StandardCharsets.UTF_8);
    cut[0] = 0x1f;
    cut[1] = (byte) 0x8b;
    send("none", cut).expectError(422, "VALIDATION_FAILED");
    send("/proc/self", cut).expectError(400, "NOT_A_FILE");
    send("../../..", cut);
    assertArrayEquals(new String[] {"0"}, sandbox.run("ls -A none | wc -l").strip().split(" ", -1));
  }

  @Test
  void filesAreFoundByNameAndByWhatIsInThem() {
    sandbox.run(
        "mkdir -p find/in && printf 'one\\nTwo words\\n' > find/in/a.txt && ln -s / find/round");
    JsonNode byName = search(Map.of("path", "find", "name", "*.txt"));
    assertEquals(
        "/workspace/find/in/a.txt", byName.path("matches").path(0).path("path").asString());
    JsonNode byText = search(Map.of("path", "find", "content", "two", "ignore_case", true));
    assertEquals(2, byText.path("matches").path(0).path("line").asInt());
    assertEquals("Two words", byText.path("matches").path(0).path("text").asString());
    assertEquals(1, byText.path("matches").size());
    assertTrue(
        search(Map.of("path", "/usr", "name", "*", "limit", 3)).path("truncated").asBoolean());
  }

  private JsonNode search(Map<String, Object> wish) {
    return given.api.post(sandbox.at("/files/search"), wish).expect(200).json();
  }

  @Test
  void aBadSearchNamesItsField() {
    for (Map.Entry<String, Map<String, Object>> wrong :
        Map.<String, Map<String, Object>>of(
                "name", Map.of(),
                "content", Map.of("content", "a\nb"),
                "limit", Map.of("name", "x", "limit", 0),
                "ignore_case", Map.of("name", "x", "ignore_case", "often"))
            .entrySet()) {
      given.api.post(sandbox.at("/fs/search"), wrong.getValue()).expectFieldError(wrong.getKey());
    }
    given.api.post(sandbox.at("/fs/search"), Map.of("name", "[")).expect(422);
    given
        .api
        .post(sandbox.at("/fs/search"), Map.of("path", "/nothing", "name", "x"))
        .expectError(404, "FILE_NOT_FOUND");
  }

  @Test
  void aMalformedAddressLeavesNoDeadConnectionBehind() {
    for (int i = 0; i < 40; i++) {
      given.api.get("/sandboxes/%00/files/list").expect(400);
      given.api.post("/sandboxes/..%2fx/files/chmod", Map.of("path", "x", "mode", "1")).expect(400);
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Several files in one call. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WriteManyScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @BeforeEach
  void clear() {
    sandbox.run("rm -rf /workspace/m && mkdir /workspace/m && echo -n old > /workspace/m/old");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  private Reply write(boolean atomic, List<Map<String, Object>> files) {
    return given.api.post(
        sandbox.at("/files/write-many"), Map.of("files", files, "atomic", atomic));
  }

  private static Map<String, Object> file(String path, String base64) {
    return Map.of("path", path, "content_base64", base64);
  }

  private static List<String> paths(JsonNode entries) {
    List<String> paths = new ArrayList<>();
    entries.forEach(entry -> paths.add(entry.path("path").asString()));
    return paths;
  }

  private String names() {
    return sandbox.run("cd /workspace/m && find . -type f | sort | xargs");
  }

  @Test
  void eachFileIsWrittenOrToldInTheOrderOfTheCall() {
    Reply reply =
        write(
                false,
                List.of(
                    file("m/a", "YQ=="),
                    file("", "YQ=="),
                    file("m/old/below", "YQ=="),
                    Map.of("path", "m/run.sh", "content", "YWI=", "mode", "0755"),
                    file("m/bad", "@"),
                    Map.of("path", "m/mode", "content", "YQ==", "mode", "rwx"),
                    file("/proc/version/nope", "YQ=="),
                    file("m/deep/er/b", "")))
            .expect(200);
    assertEquals(
        List.of("/workspace/m/a", "/workspace/m/run.sh", "/workspace/m/deep/er/b"),
        paths(reply.json().path("written")));
    assertEquals(2, reply.json().path("written").path(1).path("size_bytes").asInt());
    assertEquals(
        List.of("", "m/old/below", "m/bad", "m/mode", "/proc/version/nope"),
        paths(reply.json().path("failed")));
    reply
        .json()
        .path("failed")
        .forEach(each -> assertTrue(!each.path("error").asString().isEmpty()));
    assertEquals("./a ./deep/er/b ./old ./run.sh", names());
    assertEquals("755", sandbox.run("stat -c %a m/run.sh"));
    given
        .api
        .post(sandbox.at("/files/batch"), Map.of("files", List.of(file("m/c", "Yw=="))))
        .expect(200);
    assertEquals("c", sandbox.file("/workspace/m/c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m/old/below", "/proc/version/nope", "/workspace", "/"})
  void allOfTheFilesAreWrittenOrNoneAndTheOneIsNamed(String path) {
    Reply reply =
        write(true, List.of(file("m/old", "bmV3"), file("m/x/y", "eA=="), file(path, "eA==")));
    assertTrue(reply.status() >= 400 && reply.status() < 500, reply::toString);
    assertTrue(reply.text().contains(path + ": "), reply::toString);
    assertEquals("./old", names());
    assertEquals("old", sandbox.file("/workspace/m/old"));
    assertEquals(1, sandbox.exec("test -e m/x").exitCode());
  }

  @Test
  void contentThatIsNoneLeavesAllAsItWas() {
    write(true, List.of(file("m/old", "bmV3"), file("m/bad", "@"))).expect(422);
    assertEquals("old", sandbox.file("/workspace/m/old"));
    write(true, List.of(file("m/old", "bmV3"), file("m/good", "eA=="))).expect(200);
    assertEquals("./good ./old", names());
    assertEquals("new", sandbox.file("/workspace/m/old"));
  }

  @Test
  void aHundredLargeFilesAreWrittenTogether() {
    String content = "QUFB".repeat(100_000);
    List<Map<String, Object>> files = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      files.add(file("m/" + i, content));
    }
    Reply reply = write(true, files).expect(200);
    assertEquals(100, reply.json().path("written").size());
    assertEquals("30000003", sandbox.run("cat m/* | wc -c"));
    assertEquals("", sandbox.run("find m -name '.atoll-*'"));
  }
}

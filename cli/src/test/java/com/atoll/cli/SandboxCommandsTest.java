package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.WireServer.Answer;
import com.atoll.cli.WireServer.Ran;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxCommandsTest {
  private static final String SANDBOX =
      "{\"id\":\"sbx_1\",\"name\":\"demo\",\"state\":\"running\",\"data\":{\"id\":\"sbx_1\",\"name\":\"demo\",\"state\":\"running\"}}";
  private final WireServer server = new WireServer();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void createPrintsTheSandboxAndNothingElseAsJson() {
    server.on("POST", "/api/v1/sandboxes", Answer.json(201, SANDBOX));
    Ran ran = server.atoll("sandbox", "create", "--name", "demo", "-e", "A=b=c", "--json");
    assertEquals(0, ran.code());
    assertEquals("sbx_1", ran.json().path("id").asString());
    assertFalse(ran.json().has("data"));
    var asked = server.only("POST");
    assertEquals("demo", asked.json().path("name").asString());
    assertEquals("b=c", asked.json().path("env").path("A").asString());
    assertEquals("Bearer msk_a_test", asked.headers().get("Authorization"));
    assertTrue(asked.headers().containsKey("Idempotency-key"));
  }

  @Test
  void aLogIsFollowedOverSeveralConnectionsWithoutLossOrEcho() {
    server.on(
        "GET",
        "/api/v1/sandboxes/demo/logs/stream?lines=7",
        Answer.events(
            """
            event: log
            data: {"line":"one"}

            id: 1_a~1
            event: log
            data: {"line":"two"}

            """),
        Answer.events("id: 1_a~2\n\n"),
        Answer.json(503, "{\"error\":{\"code\":\"NODE_UNAVAILABLE\",\"message\":\"later\"}}"),
        Answer.events(
            """
            id: 1_a~3
            event: log
            data: {"line":"three"}

            """),
        Answer.json(404, "{\"error\":{\"code\":\"sandbox_not_found\",\"message\":\"gone\"}}"));
    Ran ran = server.atoll("sandbox", "logs", "demo", "-f", "-n", "7");
    assertEquals(0, ran.code(), ran.err());
    assertEquals("one\ntwo\nthree\n", ran.out());
    List<String> resumed =
        server.asked.stream()
            .filter(asked -> asked.path().contains("/logs/stream"))
            .map(asked -> asked.headers().getOrDefault("Last-event-id", "-"))
            .toList();
    assertEquals(List.of("-", "1_a~1", "1_a~2", "1_a~2", "1_a~3"), resumed);
  }

  @Test
  void aLogThatIsRefusedAtOnceIsAnError() {
    server.on(
        "GET",
        "/api/v1/sandboxes/demo/logs/stream?lines=100",
        Answer.json(404, "{\"error\":{\"code\":\"sandbox_not_found\",\"message\":\"gone\"}}"));
    assertEquals(1, server.atoll("sandbox", "logs", "demo", "-f").code());
  }

  @Test
  void aBusyServerIsAskedAgainUnderTheSameKey() {
    Answer busy =
        new Answer(
            503,
            "application/json",
            "{\"error\":{\"code\":\"BUSY\",\"message\":\"later\"}}",
            java.util.Map.of("Retry-After", "1"));
    server.on("POST", "/api/v1/sandboxes", busy, Answer.json(201, SANDBOX));
    assertEquals(0, server.atoll("sandbox", "create", "-q").code());
    assertEquals(
        server.asked.get(0).headers().get("Idempotency-key"),
        server.asked.get(1).headers().get("Idempotency-key"));
  }

  @Test
  void aLocalhostNameIsDialedOnLoopbackWithItsOwnHost() {
    server.on("GET", "/api/v1/sandboxes/sbx_00000000000000000000000001", Answer.json(200, SANDBOX));
    Ran ran =
        WireServer.atoll(
            "http://api.localhost:" + server.port() + "/api/v1",
            InputStream.nullInputStream(),
            "sandbox",
            "get",
            "sbx_00000000000000000000000001");
    assertEquals(0, ran.code(), ran.err());
    assertEquals("api.localhost:" + server.port(), server.only("GET").headers().get("Host"));
  }

  @Test
  void execStreamsBothOutputsAndEndsWithTheCodeOfTheCommand() {
    server.on(
        "POST",
        "/api/v1/sandboxes/demo/exec/stream?encoding=base64",
        Answer.events(
            """
            id: 1
            event: stdout
            data: {"type":"stdout","line":"out\\n","data":"out\\n","output":"out\\n"}

            : heartbeat

            id: 2
            event: stderr
            data: {"type":"stderr","line":"err\\n","data":"err\\n","output":"err\\n"}

            id: 3
            event: exit
            data: {"type":"exit","exit_code":42,"code":42}

            """));
    Ran ran = server.atoll("sandbox", "exec", "demo", "--cwd", "/tmp", "--", "echo", "a b", "-x");
    assertEquals(42, ran.code());
    assertEquals("out\n", ran.out());
    assertEquals("err\n", ran.err());
    assertEquals("echo 'a b' -x", server.only("POST").json().path("command").asString());
    assertEquals("/tmp", server.only("POST").json().path("cwd").asString());
  }

  @Test
  void execWithJsonIsOneValue() {
    server.on(
        "POST",
        "/api/v1/sandboxes/demo/exec",
        Answer.json(200, "{\"stdout\":\"x\",\"stderr\":\"\",\"exit_code\":3,\"duration_ms\":1}"));
    Ran ran = server.atoll("sandbox", "exec", "demo", "--json", "echo x");
    assertEquals(3, ran.code());
    assertEquals("x", ran.json().path("stdout").asString());
    assertEquals("echo x", server.only("POST").json().path("command").asString());
  }

  @Test
  void anErrorSaysWhatMendsItAndNamesTheRequest() {
    Ran ran = server.atoll("sandbox", "get", "nope", "--json");
    assertEquals(1, ran.code());
    assertEquals("NOT_FOUND", ran.json().path("error").path("code").asString());
    assertEquals("req_test", ran.json().path("error").path("request_id").asString());
    assertTrue(ran.err().contains("fix: "), ran.err());
  }

  @Test
  void wrongUsageIsCodeTwo() {
    assertEquals(2, server.atoll("sandbox", "create", "--nonsense").code());
    assertEquals(2, server.atoll("sandbox").code());
    // 2 might be the command's.
    assertEquals(125, server.atoll("sandbox", "exec", "demo").code());
    assertEquals(2, server.atoll("sandbox", "cp", "a", "b").code());
  }

  @Test
  void everyCommandHasHelpWithoutAnApi() {
    assertEquals(0, server.atoll("sandbox", "cp", "--help").code());
    assertTrue(server.atoll("deploy", "--help").out().contains("atoll deploy ./site"));
    assertTrue(server.atoll("completion", "bash").out().contains("complete -F"));
    assertEquals(0, server.asked.size());
  }

  @Test
  void aSmallFileIsWrittenInOneCall(@TempDir Path folder) throws Exception {
    server.on("POST", "/api/v1/sandboxes/demo/fs/write", Answer.json(201, "{\"path\":\"x\"}"));
    Path file = Files.writeString(folder.resolve("a.txt"), "hello");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Ran ran = server.atoll("sandbox", "cp", file.toString(), "demo:/workspace/");
    assertEquals(0, ran.code(), ran.err());
    var body = server.only("POST").json();
    assertEquals("/workspace/a.txt", body.path("path").asString());
    assertEquals("0640", body.path("mode").asString());
    assertEquals(
        "hello",
        new String(
            Base64.getDecoder().decode(body.path("content_base64").asString()),
            StandardCharsets.UTF_8));
  }

  @Test
  void aLargeFileIsStreamedAsMultipart(@TempDir Path folder) throws Exception {
    server.on("POST", "/api/v1/sandboxes/demo/files/upload", Answer.json(201, "{}"));
    Path file = Files.write(folder.resolve("big"), new byte[700_000]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx--x---"));
    assertEquals(0, server.atoll("sandbox", "cp", file.toString(), "demo:big").code());
    var asked = server.asked.getLast();
    assertTrue(asked.body().length() > 700_000);
    String head = asked.body().substring(0, 300);
    assertTrue(head.contains("name=\"path\"\r\n\r\n/workspace/big\r\n"), head);
    assertTrue(head.contains("name=\"mode\"\r\n\r\n0710\r\n"), head);
  }

  @Test
  void whatIsNotCopiedIsToldAndNoSuccess(@TempDir Path folder) throws Exception {
    server
        .on("POST", "/api/v1/sandboxes/demo/fs/write", Answer.json(201, "{}"))
        .on("POST", "/api/v1/sandboxes/demo/exec", Answer.json(200, "{\"exit_code\":0}"));
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    for (Path from : List.of(folder, pipe)) {
      Ran ran = server.atoll("sandbox", "cp", from.toString(), "demo:/workspace/x");
      assertEquals(1, ran.code(), ran.err());
      assertTrue(ran.err().contains("pipe"), ran.err());
    }
  }

  @Test
  void aFileComesBackUnderItsOwnName(@TempDir Path folder) throws Exception {
    server.on(
        "POST",
        "/api/v1/sandboxes/demo/fs/stat",
        Answer.json(200, "{\"is_dir\":false,\"size\":3,\"mode\":\"0750\"}"));
    server.on(
        "GET", "/api/v1/sandboxes/demo/fs/download?path=%2Fetc%2Fa%20b", Answer.bytes("\1\2\3"));
    assertEquals(0, server.atoll("sandbox", "cp", "demo:/etc/a b", folder.toString()).code());
    assertEquals(3, Files.size(folder.resolve("a b")));
    assertEquals(
        PosixFilePermissions.fromString("rwxr-x---"),
        Files.getPosixFilePermissions(folder.resolve("a b")));
  }

  @Test
  void aSandboxIsFoundByItsName() {
    server
        .on("GET", "/api/v1/sandboxes/by-name/demo", Answer.json(200, SANDBOX))
        .on("POST", "/api/v1/sandboxes/sbx_1/pause", Answer.json(200, SANDBOX));
    assertEquals("sbx_1  running\n", server.atoll("sandbox", "pause", "demo").out());
  }

  @Test
  void oneThatCannotBeRemovedKeepsNoOther() {
    server
        .on("DELETE", "/api/v1/sandboxes/one", Answer.json(200, "{}"))
        .on("DELETE", "/api/v1/sandboxes/three", Answer.json(200, "{}"));
    Ran ran = server.atoll("sandbox", "rm", "one", "two", "three", "--json");
    assertEquals(1, ran.code());
    assertEquals("[\"one\",\"three\"]", ran.json().path("deleted").toString());
    assertEquals("two", ran.json().path("failed").path(0).path("id").asString());
    assertEquals("NOT_FOUND", ran.json().path("failed").at("/0/error/code").asString());
    assertTrue(ran.err().contains("two: no such thing"), ran.err());
    assertEquals("deleted one, three\n", server.atoll("sandbox", "rm", "one", "three").out());
    server.on("DELETE", "/api/v1/volumes/b", Answer.json(200, "{}"));
    Ran volumes = server.atoll("volumes", "rm", "a", "b");
    assertEquals(1, volumes.code());
    assertEquals("deleted b\n", volumes.out());
  }

  @Test
  void apiPrintsTheAnswerAsItCame() {
    server.on("POST", "/api/v1/x?y=1", Answer.json(422, "{\"a\": 1}"));
    Ran ran =
        WireServer.atoll(
            "http://127.0.0.1:" + server.port(),
            WireServer.typed("{\"in\":2}"),
            "api",
            "post",
            "x?y=1",
            "-d",
            "-");
    assertEquals(1, ran.code());
    assertEquals("{\"a\": 1}\n", ran.out());
    assertEquals(2, server.only("POST").json().path("in").asInt());
  }

  @Test
  void aPrivatePreviewPrintsItsLink() {
    server.on(
        "POST", "/api/v1/sandboxes/demo/previews", Answer.json(201, "{\"id\":\"preview_1\"}"));
    server.on(
        "POST",
        "/api/v1/sandboxes/demo/previews/preview_1/share",
        Answer.json(
            200,
            "{\"data\":{\"id\":\"preview_1\"},\"preview\":{},\"preview_token\":\"miosa_pv_x\",\"share_url\":\"http://u/?preview_token=miosa_pv_x\"}"));
    Ran ran = server.atoll("sandbox", "preview", "demo", "3000", "--private", "--ttl", "60");
    assertEquals("http://u/?preview_token=miosa_pv_x\n", ran.out());
  }
}

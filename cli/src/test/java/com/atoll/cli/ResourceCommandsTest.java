package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.WireServer.Answer;
import com.atoll.cli.WireServer.Ran;
import com.atoll.cli.console.InputKind;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Snapshots, volumes, templates, egress and cells on the wire. */
class ResourceCommandsTest {
  private static final String SANDBOX = "sbx_00000000000000000000000001";
  private final WireServer server = new WireServer();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aGroupAloneSaysWhatThereIs() {
    Ran ran = server.atoll("egress");
    assertEquals(2, ran.code());
    assertTrue(ran.err().contains("atoll egress policies, mode, allow, deny, rules"), ran.err());
  }

  @Test
  void whatIsWrongWithASpecificationIsSaidFieldByField(@TempDir Path folder) throws Exception {
    Path spec = Files.writeString(folder.resolve("spec.json"), "{\"size\":\"zz\"}");
    server.on(
        "POST",
        "/api/v1/sandbox-templates/validate",
        Answer.json(
            422,
            """
            {"error":{"code":"INVALID_BUILDSPEC","message":"not valid"},
             "errors":[{"code":"X","field":"size","message":"is no size"},
                       {"code":"Y","field":"steps[0]","message":"is empty"}]}\
            """));
    Ran ran = server.atoll("templates", "validate", spec.toString());
    assertTrue(ran.err().contains("size: is no size; steps[0]: is empty"), ran.err());
  }

  @Test
  void theHelpOfEveryCommandIsAFormatThatHolds() {
    whole(
        Atoll.commands(
            new Atoll(
                Map.of(),
                InputStream.nullInputStream(),
                InputKind.NONE,
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream())));
  }

  /** Picocli formats these texts, and warns of what is none where the help should be. */
  private static void whole(CommandLine command) {
    UsageMessageSpec usage = command.getCommandSpec().usageMessage();
    Stream.of(usage.header(), usage.description(), usage.footer())
        .forEach(lines -> assertDoesNotThrow(() -> String.format(String.join("\n", lines))));
    command.getSubcommands().values().forEach(ResourceCommandsTest::whole);
  }

  @Test
  void aSnapshotIsTakenAndForked() {
    server
        .on(
            "POST",
            "/api/v1/sandboxes/" + SANDBOX + "/snapshots",
            Answer.json(201, "{\"id\":\"s\"}"))
        .on("POST", "/api/v1/snapshots/s/fork", Answer.json(201, "{\"id\":\"sbx_2\"}"));
    assertEquals("s\n", server.atoll("snapshots", "create", SANDBOX, "-m", "why").out());
    assertEquals("why", server.only("POST").json().path("comment").asString());
    assertEquals("sbx_2\nsbx_2\n", server.atoll("snapshots", "fork", "s", "-n", "2").out());
  }

  @Test
  void aVolumeIsAttached() {
    server.on(
        "POST",
        "/api/v1/sandboxes/" + SANDBOX + "/volumes",
        Answer.json(201, "{\"mount_path\":\"/data\"}"));
    Ran ran = server.atoll("volumes", "attach", "vol_1", SANDBOX, "/data", "--read-only");
    assertEquals("/data\n", ran.out());
    assertTrue(server.only("POST").json().path("read_only").asBoolean());
  }

  @Test
  void aTemplateIsBuiltAndItsLogFollowed(@TempDir Path folder) throws Exception {
    Path spec = Files.writeString(folder.resolve("spec.json"), "{\"from\":\"blank\"}");
    server
        .on("POST", "/api/v1/sandbox-templates/mine/builds", Answer.json(201, "{\"id\":\"b\"}"))
        .on(
            "GET",
            "/api/v1/sandbox-template-builds/b/logs/stream",
            Answer.events(
                """
                event: state
                data: {"state":"building"}

                id: 1
                event: log
                data: {"line":"step 1"}

                """))
        .on(
            "GET",
            "/api/v1/sandbox-template-builds/b",
            Answer.json(200, "{\"state\":\"failed\",\"error_message\":\"no such file\"}"));
    Ran ran = server.atoll("templates", "build", "mine", spec.toString());
    assertEquals(1, ran.code(), ran.err());
    assertEquals("failed: no such file\n", ran.out());
    assertTrue(ran.err().contains("== building\nstep 1\n"), ran.err());
    assertEquals("blank", server.only("POST").json().at("/build_spec/from").asString());
  }

  @Test
  void aRuleIsMadeForOneSandbox() {
    server.on("POST", "/api/v1/egress/allowlist", Answer.json(201, "{\"data\":{\"id\":\"r\"}}"));
    Ran ran = server.atoll("egress", "allow", "*.x.org", "--method", "GET", "--sandbox", SANDBOX);
    assertEquals("r\n", ran.out());
    var asked = server.only("POST").json();
    assertEquals("allow", asked.path("effect").asString());
    assertEquals(SANDBOX, asked.path("resource_id").asString());
    assertEquals("GET", asked.path("methods").path(0).asString());
  }

  @Test
  void aSecretComesFromStdinAndIsBound() {
    server
        .on("POST", "/api/v1/egress/secrets", Answer.json(201, "{\"data\":{\"id\":\"sec\"}}"))
        .on("POST", "/api/v1/egress/bindings", Answer.json(201, "{\"data\":{\"id\":\"bind\"}}"));
    Ran ran =
        WireServer.atoll(
            "http://127.0.0.1:" + server.port(),
            WireServer.typed("top\n"),
            "egress",
            "secrets",
            "create",
            "k",
            "--host",
            "api.x.org",
            "--env",
            "KEY");
    assertEquals("sec\n", ran.out(), ran.err());
    assertEquals("top", server.asked.get(0).json().path("value").asString());
    assertEquals("KEY", server.asked.get(1).json().path("expose_as_env").asString());
  }

  @Test
  void aCellThatFailsIsExitCodeOne() {
    server.on(
        "POST",
        "/api/v1/sandboxes/" + SANDBOX + "/code/run",
        Answer.json(
            200,
            "{\"ok\":false,\"stdout\":\"out\\n\",\"stderr\":\"\",\"error\":{\"traceback\":\"bad\"}}"),
        Answer.json(
            200,
            "{\"ok\":false,\"stdout\":\"\",\"stderr\":\"bad\\n\",\"error\":{\"traceback\":\"bad\\n\"}}"));
    Ran ran = server.atoll("sandbox", "code", SANDBOX, "1/0");
    assertEquals(1, ran.code());
    assertEquals("out\n", ran.out());
    assertEquals("bad\n", ran.err());
    assertEquals("bad\n", server.atoll("sandbox", "code", SANDBOX, "1/0").err());
  }

  @Test
  void listsUnderAnotherNameAreTables() {
    server.on(
        "GET",
        "/api/v1/egress/allowlist?limit=100",
        Answer.json(200, "{\"rules\":[{\"id\":\"r\",\"effect\":\"deny\",\"host\":\"*\"}]}"));
    assertTrue(server.atoll("egress", "rules").out().contains("r   deny    *"));
  }
}

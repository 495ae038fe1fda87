package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commands as if they ran here: {@code atoll sandbox exec}, and what of the API it rests on. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExecCommandScenarioTest {
  private static final byte[] NO_TEXT = {(byte) 0xff, (byte) 0xfe, 'A', '\n'};
  private static final String SAY_NO_TEXT = "printf '\\377\\376A\\n'";

  private final Given given = new Given();
  private Sandbox sandbox;
  @TempDir private Path folder;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void end() {
    sandbox.close();
  }

  @Test
  void variablesNeedNoNameThatAShellCanSet() {
    Map<String, String> all = Map.of("of.all", "1", "to/change-it", "old");
    try (Sandbox own = given.aSandbox().with("env", all).running()) {
      String look = "env | grep -E '^(of[.]all|to/change-it|MY-VAR|1st)=' | LC_ALL=C sort";
      assertEquals("of.all=1\nto/change-it=old", own.run(look));
      Map<String, Object> ask =
          Map.of("command", look, "env", Map.of("MY-VAR", "it's", "1st", "2", "of.all", "3"));
      assertEquals(
          "1st=2\nMY-VAR=it's\nof.all=3\nto/change-it=old\n",
          given.api.post(own.at("/exec"), ask).expect(200).string("stdout"));
      Map<String, String> changed = Map.of("key", "to/change-it", "value", "new");
      given.api.json("PUT", own.at("/env"), Map.of("vars", List.of(changed)), Map.of()).expect(200);
      given.api.delete(own.at("/env/of.all")).expect(204);
      assertEquals("to/change-it=new", own.run(look));
      given.api.delete(own.at("/env/to%2Fchange-it")).expect(204);
      assertEquals("", own.run(look + "; true"));
    }
    for (String wrong : List.of("", "A=B", "A\0", "x".repeat(257))) {
      Map<String, Object> ask = Map.of("command", "true", "env", Map.of(wrong, "x"));
      given.api.post(sandbox.at("/exec"), ask).expectError(422, "VALIDATION_FAILED");
    }
  }

  private ProcessBuilder exec(String... words) {
    List<String> line = new ArrayList<>();
    line.add(given.target.launcher().toString());
    line.addAll(List.of("sandbox", "exec", sandbox.id()));
    line.addAll(List.of(words));
    ProcessBuilder program = new ProcessBuilder(line);
    program
        .environment()
        .putAll(
            Map.of(
                "ATOLL_HOME", given.target.home().toString(),
                "ATOLL_API_URL", given.target.api().toString(),
                "ATOLL_API_KEY", given.target.key()));
    return program
        .redirectInput(new File("/dev/null"))
        .redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  private static byte[] decoded(JsonNode answer, String field) {
    return Base64.getDecoder().decode(answer.path(field).asString());
  }

  @Test
  void whatGoesThroughACommandComesBackByteByByte() throws Exception {
    byte[] bytes = new byte[3_000_000];
    new Random(22).nextBytes(bytes);
    Path in = Files.write(folder.resolve("in"), bytes);
    Path out = folder.resolve("out");
    Process cat =
        exec("-u", "nobody", "sh", "-c", "cat; id -un >&2; exit 3")
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertEquals(3, cat.waitFor());
    assertArrayEquals(bytes, Files.readAllBytes(out));
    assertEquals("nobody\n", Files.readString(folder.resolve("err")));
  }

  @Test
  void aCommandThatReadsLateLosesNothing() throws Exception {
    byte[] bytes = new byte[900_000];
    new Random(23).nextBytes(bytes);
    Path in = Files.write(folder.resolve("late"), bytes);
    Path out = folder.resolve("late-out");
    Process late =
        exec("sleep 12; cat").redirectInput(in.toFile()).redirectOutput(out.toFile()).start();
    assertEquals(0, late.waitFor());
    assertArrayEquals(bytes, Files.readAllBytes(out));
  }

  @Test
  void theSignalOfAProgramIsTheCommandsAndItsExitCodeTheProgramsOwn() throws Exception {
    Process program =
        exec("trap 'echo got; exit 9' TERM; echo ready; while :; do sleep 0.1; done").start();
    try (var out = program.inputReader()) {
      assertEquals("ready", out.readLine());
      // Not by Process, which closes our end of its output too.
      program.toHandle().destroy();
      assertEquals("got", out.readLine());
    }
    assertEquals(9, program.waitFor());
  }

  @Test
  void aCommandWhoseOutputNobodyTakesEnds() throws IOException {
    String mark = "while :; do echo spoken-to-nobody; sleep 0.05; done";
    Process program = exec(mark).start();
    try (var out = program.inputReader()) {
      assertEquals("spoken-to-nobody", out.readLine());
    }
    Given.eventually(
        30, "the command has ended", () -> sandbox.exec("pgrep -f [s]poken-to").exitCode() == 1);
  }

  @Test
  void exactBytesAreHadOfEveryOutput() {
    Map<String, Object> body = Map.of("command", SAY_NO_TEXT);
    JsonNode ran = given.api.post(sandbox.at("/exec?encoding=base64"), body).expect(200).json();
    assertArrayEquals(NO_TEXT, decoded(ran, "stdout"));
    List<Frames.Frame> frames =
        Frames.read(
            given.api,
            "POST",
            sandbox.at("/exec/stream?encoding=base64"),
            body,
            "",
            9,
            frame -> frame.type().equals("exit"));
    assertArrayEquals(NO_TEXT, decoded(frames.getFirst().data(), "base64"));
    String pid = given.api.post(sandbox.at("/processes"), body).expect(201).string("pid");
    String process = sandbox.at("/processes/" + pid);
    List<Frames.Frame> said =
        Frames.read(
            given.api,
            "GET",
            process + "/stream?encoding=base64",
            Map.of(),
            "",
            9,
            frame -> frame.type().equals("exit"));
    assertArrayEquals(NO_TEXT, decoded(said.getFirst().data(), "base64"));
    JsonNode logs = given.api.get(process + "/logs?encoding=base64").expect(200).json();
    assertArrayEquals(NO_TEXT, decoded(logs, "stdout"));
    given.api.get(process + "/logs?encoding=latin1").expectError(400, "INVALID_PARAM");
  }

  @Test
  void inputIsTextOrBase64AndOnlyAStreamIsInteractive() {
    Map<String, Object> cat = Map.of("command", "cat", "interactive", true);
    given.api.post(sandbox.at("/exec"), cat).expectFieldError("interactive");
    String pid =
        given
            .api
            .post(sandbox.at("/processes"), Map.of("command", "cat"))
            .expect(201)
            .string("pid");
    String stdin = sandbox.at("/processes/" + pid + "/stdin");
    given.api.post(stdin, Map.of("data_base64", "*")).expectFieldError("data_base64");
    given
        .api
        .post(stdin, Map.of("data", "a", "data_base64", "YQ=="))
        .expectFieldError("data_base64");
    String bytes = Base64.getEncoder().encodeToString(NO_TEXT);
    given.api.post(stdin, Map.of("data_base64", bytes, "close", true)).expect(200);
    JsonNode refused =
        given.api.post(stdin, Map.of("data", "a")).expectError(409, "RESOURCE_STATE").json();
    assertEquals("input_closed", refused.path("error").path("details").path("reason").asString());
  }
}

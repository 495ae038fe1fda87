package com.atoll.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.GuestServer.Asked;
import com.atoll.cli.WireServer.Answer;
import com.atoll.cli.WireServer.Ran;
import com.atoll.cli.console.InputKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExecTest {
  private static final String SANDBOX = "sbx_00000000000000000000000001";
  private static final String STREAM =
      "/api/v1/sandboxes/" + SANDBOX + "/exec/stream?encoding=base64";

  private static int run(
      int port, InputStream input, InputKind kind, OutputStream out, String... arguments) {
    Map<String, String> environment =
        Map.of("ATOLL_API_URL", "http://127.0.0.1:" + port, "ATOLL_API_KEY", "msk_a_test");
    return new Atoll(environment, input, kind, out, OutputStream.nullOutputStream())
        .execute(arguments);
  }

  /** The program as a process, so that it can be signaled. */
  private static Process started(GuestServer guest) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = System.getProperty("java.class.path");
    ProcessBuilder program =
        new ProcessBuilder(
            java, "-cp", classes, "com.atoll.cli.Main", "sandbox", "exec", SANDBOX, "sleep 600");
    program.environment().put("ATOLL_API_URL", "http://127.0.0.1:" + guest.port());
    program.environment().put("ATOLL_API_KEY", "msk_a_test");
    return program
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String stdout(String id, byte[] bytes) {
    return "id: "
        + id
        + "\nevent: stdout\ndata: {\"type\":\"stdout\",\"base64\":\""
        + Base64.getEncoder().encodeToString(bytes)
        + "\"}\n\n";
  }

  private static String exit(int code) {
    return "event: exit\ndata: {\"type\":\"exit\",\"exit_code\":" + code + "}\n\n";
  }

  @Test
  void bytesThatAreNoTextComeOutAsTheyAre() {
    byte[] bytes = {(byte) 0xff, (byte) 0xfe, 0, 'A', '\r', '\n'};
    try (GuestServer guest = new GuestServer((server, asked) -> {})) {
      guest.send(stdout("7-1000:1", bytes) + exit(0));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      int code =
          run(
              guest.port(),
              InputStream.nullInputStream(),
              InputKind.TERMINAL,
              out,
              "sandbox",
              "exec",
              SANDBOX,
              "-u",
              "nobody",
              "cat x");
      assertEquals(0, code);
      assertArrayEquals(bytes, out.toByteArray());
      Asked asked = guest.next();
      assertEquals("nobody", asked.body().path("user").asString());
      assertFalse(asked.body().path("interactive").asBoolean(false), "a terminal is not passed on");
    }
  }

  @Test
  void standardInputReachesTheCommandByteByByteAndEndsThere() {
    byte[] typed = new byte[700_000];
    new Random(7).nextBytes(typed);
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    List<Asked> refusals = new ArrayList<>();
    GuestServer.Reaction cat =
        (server, asked) -> {
          if (asked.path().endsWith("/processes/7/stdin")) {
            if (refusals.isEmpty()) {
              refusals.add(asked);
              server.refuse("RESOURCE_STATE", "input_blocked");
              return;
            }
            taken.writeBytes(
                Base64.getDecoder().decode(asked.body().path("data_base64").asString("")));
            if (asked.body().path("close").asBoolean(false)) {
              server.send(exit(0));
            }
          }
        };
    try (GuestServer guest = new GuestServer(cat)) {
      int code =
          run(
              guest.port(),
              new ByteArrayInputStream(typed),
              InputKind.DATA,
              OutputStream.nullOutputStream(),
              "sandbox",
              "exec",
              SANDBOX,
              "cat > f");
      assertEquals(0, code);
      assertTrue(guest.next().body().path("interactive").asBoolean(false));
      assertArrayEquals(typed, taken.toByteArray());
    }
  }

  @Test
  void withJsonStandardInputIsPassedOnTooAndTheAnswerIsOneValue() {
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    GuestServer.Reaction cat =
        (server, asked) -> {
          if (asked.path().endsWith("/processes/7/stdin")) {
            taken.writeBytes(
                Base64.getDecoder().decode(asked.body().path("data_base64").asString("")));
            if (asked.body().path("close").asBoolean(false)) {
              server.send(stdout("7-1000:1", taken.toByteArray()));
              server.send(stdout("7-1000:2", "e".getBytes(UTF_8)).replace("stdout", "stderr"));
              server.send(exit(3));
            }
          }
        };
    try (GuestServer guest = new GuestServer(cat)) {
      Ran ran =
          WireServer.atoll(
              "http://127.0.0.1:" + guest.port(),
              WireServer.typed("grüß\n"),
              "sandbox",
              "exec",
              SANDBOX,
              "--json",
              "cat; echo e >&2; exit 3");
      assertEquals(3, ran.code(), ran.err());
      assertEquals("", ran.err());
      assertEquals("grüß\n", ran.json().path("stdout").asString());
      assertEquals("grüß\n", ran.json().path("output").asString());
      assertEquals("e", ran.json().path("stderr").asString());
      assertEquals(3, ran.json().path("exit_code").asInt());
      assertFalse(ran.json().path("success").asBoolean());
      assertFalse(ran.json().path("truncated").asBoolean());
    }
  }

  @Test
  void ofMuchOutputTheAnswerHasTheBeginningAndSaysSo() {
    try (GuestServer guest = new GuestServer((server, asked) -> {})) {
      for (int part = 1; part <= 3; part++) {
        guest.send(stdout("7-1000:" + part, "x".repeat(500_000).getBytes(UTF_8)));
      }
      guest.send(exit(0));
      Ran ran =
          WireServer.atoll(
              "http://127.0.0.1:" + guest.port(),
              InputStream.nullInputStream(),
              "sandbox",
              "exec",
              SANDBOX,
              "--json",
              "much");
      assertEquals("x".repeat(1 << 20), ran.json().path("stdout").asString());
      assertTrue(ran.json().path("truncated").asBoolean());
      assertTrue(ran.json().path("success").asBoolean());
    }
  }

  @Test
  void withJsonAndNoInputToPassOnACommandIsOneCall() {
    try (WireServer server = new WireServer()) {
      server.on("POST", STREAM.replaceAll("/stream.*", ""), Answer.json(200, "{\"exit_code\":4}"));
      String url = "http://127.0.0.1:" + server.port();
      Ran ran =
          WireServer.atoll(
              url,
              WireServer.typed("not for it"),
              "sandbox",
              "exec",
              SANDBOX,
              "--json",
              "--no-stdin",
              "x");
      assertEquals(4, ran.code(), ran.err());
      assertTrue(server.only("POST").json().path("interactive").isMissingNode());
    }
  }

  @Test
  void aCommandWhoseInputWasLostIsEndedAndItsCodeIsNotTakenForATrueOne() {
    GuestServer.Reaction broken =
        (server, asked) -> {
          if (asked.path().endsWith("/stdin")) {
            server.refuse("NODE_UNAVAILABLE", "");
          } else if (asked.method().equals("DELETE")) {
            server.send(exit(0));
          }
        };
    try (GuestServer guest = new GuestServer(broken)) {
      Ran ran =
          WireServer.atoll(
              "http://127.0.0.1:" + guest.port(),
              WireServer.typed("all of it"),
              "sandbox",
              "exec",
              SANDBOX,
              "cat > f");
      assertEquals(125, ran.code());
      assertTrue(ran.err().contains("INPUT_LOST"), ran.err());
    }
  }

  @Test
  void aSignalIsForTheCommandAndItsExitCodeIsTheOneOfTheProgram() throws Exception {
    GuestServer.Reaction trap =
        (server, asked) -> {
          if (asked.path().endsWith("/processes/7/signal")) {
            server.send(exit(9));
          }
        };
    try (GuestServer guest = new GuestServer(trap)) {
      Process program = started(guest);
      assertTrue(guest.next().path().contains("/exec/stream"));
      program.destroy();
      assertEquals("SIGTERM", guest.next().body().path("signal").asString());
      assertEquals(9, program.waitFor());
    }
  }

  @Test
  void theSecondSignalKillsACommandThatIgnoresTheFirst() throws Exception {
    GuestServer.Reaction deaf =
        (server, asked) -> {
          if (asked.body().path("signal").asString("").equals("SIGKILL")) {
            server.send(exit(137));
          }
        };
    try (GuestServer guest = new GuestServer(deaf)) {
      Process program = started(guest);
      guest.next();
      program.destroy();
      assertEquals("SIGTERM", guest.next().body().path("signal").asString());
      program.destroy();
      assertEquals("SIGKILL", guest.next().body().path("signal").asString());
      assertEquals(137, program.waitFor());
    }
  }

  @Test
  void aCommandWhoseOutputNobodyTakesIsEnded() {
    GuestServer.Reaction yes =
        (server, asked) -> {
          if (asked.method().equals("DELETE")) {
            server.send(exit(143));
          }
        };
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (GuestServer guest = new GuestServer(yes)) {
      guest.send(stdout("7-1000:1", "y".getBytes(UTF_8)));
      int code =
          run(
              guest.port(),
              InputStream.nullInputStream(),
              InputKind.NONE,
              closed,
              "sandbox",
              "exec",
              SANDBOX,
              "yes");
      assertEquals(143, code);
      guest.next();
      assertTrue(guest.next().path().endsWith("/processes/7"));
    }
  }

  @Test
  void outputThatCouldNotBeWrittenIsNoSuccess() throws Exception {
    GuestServer.Reaction ends =
        (server, asked) -> {
          if (asked.method().equals("DELETE")) {
            server.send(exit(0));
          }
        };
    try (GuestServer guest = new GuestServer(ends);
        OutputStream full = new FileOutputStream("/dev/full")) {
      guest.send(stdout("7-1000:1", "x".getBytes(UTF_8)));
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      Map<String, String> environment =
          Map.of("ATOLL_API_URL", "http://127.0.0.1:" + guest.port(), "ATOLL_API_KEY", "msk_a_x");
      int code =
          new Atoll(environment, InputStream.nullInputStream(), InputKind.NONE, full, err)
              .execute("sandbox", "exec", SANDBOX, "much");
      assertEquals(125, code);
      assertTrue(err.toString(UTF_8).contains("cannot write to standard output: No space left"));
      int help =
          new Atoll(environment, InputStream.nullInputStream(), InputKind.NONE, full, err)
              .execute("sandbox", "ls", "--help");
      assertEquals(1, help);
    }
  }

  @Test
  void aBrokenStreamGoesOnBehindTheLastEventAndSaysWhatWasLost() {
    try (WireServer server = new WireServer()) {
      server.on(
          "POST",
          STREAM,
          Answer.events("id: 7-1000:0\n\n" + stdout("7-1000:1", "a".getBytes(UTF_8))),
          Answer.json(503, "{\"error\":{\"code\":\"SERVICE_UNAVAILABLE\",\"message\":\"later\"}}"),
          Answer.events(
              "id: 7-1000:5\nevent: gap\ndata: {\"from\":2,\"to\":5}\n\n"
                  + stdout("7-1000:6", "b".getBytes(UTF_8))),
          Answer.events(exit(3)));
      Ran ran = server.atoll("sandbox", "exec", SANDBOX, "x");
      assertEquals(3, ran.code(), ran.err());
      assertEquals("ab", ran.out());
      assertTrue(ran.err().contains("lost: its pieces 2 to 5"), ran.err());
      assertEquals(
          List.of("none", "7-1000:1", "7-1000:1", "7-1000:6"),
          server.asked.stream()
              .map(asked -> asked.headers().getOrDefault("Last-event-id", "none"))
              .toList());
    }
  }

  @Test
  void errorsOfTheProgramItselfAreNoExitCodeThatACommandHas() {
    try (WireServer server = new WireServer()) {
      assertEquals(125, server.atoll("sandbox", "exec", "nope", "true").code());
      assertEquals(125, server.atoll("sandbox", "exec", "--nonsense").code());
      server.on("POST", STREAM, Answer.events(": open\n\n"));
      assertEquals(125, server.atoll("sandbox", "exec", SANDBOX, "true").code());
      server.on("POST", STREAM, Answer.events("id: 7-1000:0\n\n"), Answer.json(404, "{}"));
      Ran gone = server.atoll("sandbox", "exec", SANDBOX, "true");
      assertEquals(125, gone.code());
      assertTrue(gone.err().contains("COMMAND_GONE"), gone.err());
    }
  }

  @Test
  void whatComesBehindTheFirstWordIsTheCommands() {
    try (WireServer server = new WireServer()) {
      server.on("POST", STREAM, Answer.events(exit(0)));
      server.atoll("sandbox", "exec", SANDBOX, "-w", "/etc", "grep", "-i", "-e", "a b", "--json");
      var body = server.only("POST").json();
      assertEquals("grep -i -e 'a b' --json", body.path("command").asString());
      assertEquals("/etc", body.path("cwd").asString());
      assertTrue(body.path("env").isMissingNode());
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.scenarios.Frames.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Output survives its readers: whoever comes back misses nothing and hears nothing twice. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LogsScenarioTest {
  private static final long SEED = 20_261_126;

  private final Given given = new Given();
  private final Random random = new Random(SEED);
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void end() {
    sandbox.close();
  }

  private String process(String command, String name) {
    return process(sandbox, command, name);
  }

  private String process(Sandbox where, String command, String name) {
    return given
        .api
        .post(where.at("/processes"), Map.of("command", command, "name", name))
        .expect(201)
        .string("pid");
  }

  private static List<String> counted(String stream, String word, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> stream + " " + word + " " + i).toList();
  }

  /** Reads a stream in pieces of random length until the condition ends it. */
  private List<Frame> inPieces(String method, String path, Map<String, ?> body, int total) {
    List<Frame> all = new ArrayList<>();
    boolean ended = false;
    while (!ended && all.size() < total) {
      String last = all.isEmpty() ? "" : all.getLast().id();
      int most = 1 + random.nextInt(Math.min(60, total - all.size()));
      all.addAll(Frames.read(given.api, method, path, body, last, most, LogsScenarioTest::isExit));
      ended = isExit(all.getLast());
    }
    return all;
  }

  private static boolean isExit(Frame frame) {
    return frame.type().equals("exit");
  }

  private static String text(List<Frame> frames, String stream) {
    return frames.stream()
        .filter(frame -> frame.type().equals(stream))
        .map(Frame::line)
        .collect(Collectors.joining());
  }

  @Test
  void theLogOfManyProcessesIsReadInPiecesWithoutLossOrEcho() {
    try (Sandbox own = given.aSandbox().running()) {
      process(
          own,
          "for i in $(seq 400); do echo one $i; [ $((i % 50)) = 0 ] && sleep 0.05; done",
          "one");
      process(own, "for i in $(seq 200); do printf tw; echo o $i; echo bad $i >&2; done", "two");
      Thread.ofVirtual()
          .start(() -> process(own, "for i in $(seq 100); do echo late $i; done", "late"));
      List<String> expected = new ArrayList<>();
      expected.addAll(counted("stdout", "one", 400));
      expected.addAll(counted("stdout", "two", 200));
      expected.addAll(counted("stderr", "bad", 200));
      expected.addAll(counted("stdout", "late", 100));
      List<String> heard =
          inPieces("GET", own.at("/logs/stream"), Map.of(), expected.size()).stream()
              .map(frame -> frame.data().path("stream").asString() + " " + frame.line())
              .toList();
      assertEquals(
          heard.stream().filter(line -> line.contains(" one ")).toList(),
          counted("stdout", "one", 400));
      assertEquals(expected.stream().sorted().toList(), heard.stream().sorted().toList());
    }
  }

  @Test
  void theLastLinesComeInOrder() {
    try (Sandbox quiet = given.aSandbox().running()) {
      assertEquals(0, given.api.get(quiet.at("/logs")).expect(200).json().path("lines").size());
      // Two pipes: what is written into both within a moment has no order.
      String command = "seq 300; sleep 0.3; echo bad >&2; sleep 60";
      given.api.post(quiet.at("/processes"), Map.of("command", command)).expect(201);
      Given.eventually(
          10,
          "the log is there",
          () -> given.api.get(quiet.at("/logs?lines=1")).text().contains("bad"));
      Reply tail = given.api.get(quiet.at("/logs?lines=5")).expect(200);
      assertEquals(5, tail.json().path("lines").size());
      assertTrue(tail.string("logs").endsWith("bad\n"), tail::toString);
      assertTrue(tail.string("logs").contains("300\n"), tail::toString);
      given.api.get(quiet.at("/logs?lines=0")).expect(400);
      given.api.get(quiet.at("/logs?lines=x")).expect(400);
      given.stranger.get(quiet.at("/logs")).expect(404);
    }
  }

  @Test
  void aStreamedCommandIsResumedAfterAnyEvent() {
    String command =
        "for i in $(seq 200); do printf 'z\u00e4%d\\n' $i; printf '\u00e9' >&2; [ $((i % 5)) = 0 ]"
            + " && sleep 0.01; done; head -c 200000 /dev/zero | tr '\\0' x; exit 7";
    String path = sandbox.at("/exec/stream");
    Map<String, Object> body = Map.of("command", command);
    List<Frame> whole =
        Frames.read(given.api, "POST", path, body, "", Integer.MAX_VALUE, LogsScenarioTest::isExit);
    List<Frame> pieces = inPieces("POST", path, body, Integer.MAX_VALUE);
    assertEquals(text(whole, "stdout"), text(pieces, "stdout"));
    assertEquals(text(whole, "stderr"), text(pieces, "stderr"));
    assertEquals(7, pieces.getLast().data().path("exit_code").asInt());
    assertTrue(text(pieces, "stdout").endsWith("x".repeat(200_000)));
  }

  @Test
  void aProcessIsResumedAfterAnyEvent() {
    String pid = process("seq 2000; head -c 100000 /dev/zero | tr '\\0' y; exit 3", "resumed");
    String path = sandbox.at("/processes/" + pid + "/stream");
    List<Frame> pieces = inPieces("GET", path, Map.of(), Integer.MAX_VALUE);
    String expected =
        IntStream.rangeClosed(1, 2000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    assertEquals(expected + "y".repeat(100_000), text(pieces, "stdout"));
  }

  /** Reads some of it again and again while the counter counts on. */
  private void isOneSequence(String path) {
    for (int i = 0; i < 5; i++) {
      List<Long> numbers =
          Frames.read(given.api, "GET", path, Map.of(), "", 3_000, _ -> false).stream()
              .map(frame -> Long.parseLong(frame.line()))
              .toList();
      long first = numbers.getFirst();
      assertEquals(LongStream.range(first, first + 3_000).boxed().toList(), numbers);
    }
  }

  @Test
  void theLastLinesAndWhatIsWrittenMeanwhileAreOneSequence() {
    String counter = "i=0; while :; do i=$((i+1)); echo $i; done";
    Map<String, String> service = Map.of("name", "counter", "command", counter);
    try (Sandbox own = given.aSandbox().running()) {
      process(own, counter, "counter");
      isOneSequence(own.at("/logs/stream?lines=5"));
      isOneSequence(own.at("/logs/stream?lines=0"));
      given.api.get(own.at("/logs/stream?lines=x")).expectError(400, "INVALID_PARAM");
    }
    try (Sandbox own = given.aSandbox().with("services", List.of(service)).running()) {
      String logs = own.at("/services/counter/logs?tail=5");
      Given.eventually(20, "it counts", () -> given.api.get(logs).text().contains("line"));
      isOneSequence(logs + "&follow=true");
    }
  }

  @Test
  void wrongCursorsAreRefused() {
    Map<String, String> wrong = Map.of("Last-Event-ID", "zz~");
    assertEquals(400, given.api.open("GET", sandbox.at("/logs/stream"), wrong).statusCode());
    Reply exec =
        given.api.json("POST", sandbox.at("/exec/stream"), Map.of("command", "true"), wrong);
    exec.expect(400);
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells of code keep their variables, whatever happens to one of them. */
@Tag("fast")
@Tag("all")
@Tag("waits")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CodeScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void end() {
    sandbox.close();
  }

  private Reply ask(String code, Map<String, ?> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("code", code);
    return given.api.post(sandbox.at("/code/run"), body);
  }

  private Reply run(String language, String context, String code) {
    return ask(code, Map.of("language", language, "context", context)).expect(200);
  }

  private static boolean is(Reply cell, String flag) {
    return cell.json().path(flag).asBoolean();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          python     | x = 40                | x + 2         | 42      | 1 / 0        | ZeroDivisionError
          javascript | const x = 40          | x + 2         | 42      | null.y       | TypeError
          bash       | x=40                  | ((x == 40))   | 0       | ls /nowhere  | ExitStatus
          """)
  void variablesStayAndErrorsAreTold(
      String language, String first, String then, int result, String wrong, String error) {
    String context = Given.unique("stay");
    assertTrue(is(run(language, context, first), "ok"));
    Reply second = run(language, context, then);
    assertEquals(result, second.json().path("result").asInt(), second::toString);
    Reply failed = run(language, context, wrong);
    assertFalse(is(failed, "ok"));
    assertEquals(error, failed.json().path("error").path("name").asString());
    String said = failed.string("stderr");
    assertTrue(said.contains(failed.json().path("error").path("value").asString()), said);
    Reply after = run(language, context, then);
    assertEquals(result, after.json().path("result").asInt(), after::toString);
    assertEquals(4, after.json().path("execution_count").asInt());
  }

  @ParameterizedTest
  @CsvSource({
    "python, x = 1, import time; time.sleep(60), x",
    "python, x = 1, while True: pass, x",
    "javascript, let x = 1, while (true) {}, x",
    "javascript, let x = 1, await new Promise(() => setTimeout(() => 1; 60000)), x",
    "bash, x=1, sleep 60, (exit $x)",
    "bash, x=1, while :; do :; done, (exit $x)"
  })
  void aTimeOutInterruptsTheCellAndKeepsTheContext(
      String language, String first, String endless, String then) {
    String context = Given.unique("slow");
    run(language, context, first);
    String cell = endless.replace("1; 60000", "1, 60000");
    Reply stopped =
        ask(cell, Map.of("language", language, "context", context, "timeout", 1)).expect(200);
    assertTrue(is(stopped, "timed_out"), stopped::toString);
    assertFalse(is(stopped, "ok"));
    assertFalse(is(stopped, "context_lost"), stopped::toString);
    Reply after = run(language, context, then);
    assertEquals(1, after.json().path("result").asInt(), after::toString);
  }

  @Test
  void aCellThatCannotBeInterruptedLosesItsContextAndNothingElse() {
    run("python", "stubborn", "x = 1");
    String cell =
        """
        import time
        while True:
            try:
                time.sleep(10)
            except BaseException:
                pass
        """;
    Reply killed = ask(cell, Map.of("context", "stubborn", "timeout", 1)).expect(200);
    assertTrue(is(killed, "context_lost"), killed::toString);
    Reply fresh = run("python", "stubborn", "'x' in globals()");
    assertFalse(fresh.json().path("result").asBoolean(), fresh::toString);
  }

  @Test
  void outputOfChildrenAndErrorsComesWithTheCellAndIsCut() {
    Reply cell =
        run(
            "python",
            "output",
            "import os, sys\nprint('own')\nos.system('echo child')\nprint('bad', file=sys.stderr)");
    assertEquals("own\nchild\n", cell.string("stdout"));
    assertEquals("bad\n", cell.string("stderr"));
    Reply long_ = run("python", "output", "print('a' * 3_000_000)");
    assertEquals(1 << 20, long_.string("stdout").length());
    assertTrue(is(long_, "truncated"));
    assertTrue(run("python", "output", "print('\\x1e' * 5)").string("stdout").startsWith("\u001e"));
  }

  @Test
  void cellsOfOneContextRunOneAfterTheOther() throws Exception {
    String cell = "import time; n = globals().get('n', 0); m = n; time.sleep(0.02); n = m + 1; n";
    ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
    List<Thread> all =
        IntStream.range(0, 8)
            .mapToObj(i ->
                Thread.ofVirtual()
                    .start(() -> {
                      Reply reply = run("python", "queue", cell);
                      seen.add(reply.json().path("result").asInt());
                    }))
            .toList();
    for (Thread thread : all) {
      thread.join();
    }
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8), seen.stream().sorted().toList());
  }

  @Test
  void contextsAreListedAndReset() {
    String one = Given.unique("one");
    run("python", one, "x = 1");
    run("javascript", one, "1");
    Reply python = given.api.get(sandbox.at("/code/contexts?language=python")).expect(200);
    assertTrue(python.json().path("contexts").toString().contains(one), python::toString);
    given.api.delete(sandbox.at("/code/contexts/" + one + "?language=python")).expect(204);
    Reply left = given.api.get(sandbox.at("/code/contexts?language=python")).expect(200);
    assertFalse(left.json().path("contexts").toString().contains(one), left::toString);
    assertFalse(is(run("python", one, "x"), "ok"));
    given.api.delete(sandbox.at("/code?language=javascript")).expect(204);
    Reply none = given.api.get(sandbox.at("/code/contexts?language=javascript")).expect(200);
    assertEquals(0, none.json().path("contexts").size(), none::toString);
    given.api.delete(sandbox.at("/code/contexts/never-was")).expect(204);
  }

  @Test
  void wrongRequestsAreRefusedByField() {
    ask("1", Map.of("language", "cobol")).expect(422);
    ask("1", Map.of("context", "../up")).expect(422);
    ask("1", Map.of("timeout", -1)).expect(422);
    ask("1", Map.of("timeout", 1_000_000)).expect(422);
    given.api.post(sandbox.at("/code/run"), Map.of()).expect(422);
    given.stranger.post(sandbox.at("/code/run"), Map.of("code", "1")).expect(404);
  }

  @Test
  void aRepeatedCellUnderItsKeyIsTheSameCell() {
    Map<String, Object> body = Map.of("code", "k = globals().get('k', 0) + 1; k", "context", "key");
    Map<String, String> key = Map.of("Idempotency-Key", Given.unique("cell"));
    String path = sandbox.at("/code/run");
    Reply first = given.api.json("POST", path, body, key).expect(200);
    Reply again = given.api.json("POST", path, body, key).expect(200);
    assertEquals(first.text(), again.text());
  }
}

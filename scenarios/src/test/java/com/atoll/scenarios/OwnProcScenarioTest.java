package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What programs read of memory and processors is the sandbox's, not the machine's. */
@Tag("fast")
@Tag("all")
final class OwnProcScenarioTest {
  private static final String TOTAL = "awk '/^MemTotal/{print $2 / 1024}' /proc/meminfo";
  private static final String PROCESSORS =
      "grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat";

  private final Given given = new Given();

  @Test
  void aSandboxSeesWhatItWasGiven() {
    try (Sandbox sandbox = given.aSandbox().with("size", "xs").running()) {
      long memory = given.api.get(sandbox.at("")).expect(200).json().path("memory_mb").asLong();
      assertEquals(memory + "", sandbox.run(TOTAL));
      assertEquals("1\n1", sandbox.run(PROCESSORS));
      assertEquals(memory + " 0", sandbox.run("free -m | awk '/^Mem/{m=$2} /^Swap/{print m, $2}'"));
    }
  }

  @Test
  void aResizeIsSeenAtOnceAndAfterAPause() {
    try (Sandbox sandbox = given.aSandbox().with("size", "xs").running()) {
      given.api.post(sandbox.at("/resize"), Map.of("size", "small")).expect(200);
      String memory = given.api.get(sandbox.at("")).expect(200).json().path("memory_mb").asString();
      sandbox.run("sleep 0.3");
      assertEquals(memory, sandbox.run(TOTAL));
      for (String change : List.of("/pause", "/resume")) {
        given.api.post(sandbox.at(change), Map.of()).expect(200);
      }
      assertEquals(memory, sandbox.run(TOTAL));
    }
  }

  @Test
  void whoReadsAllTheTimeIsPausedAllTheSame() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      given
          .api
          .post(
              sandbox.at("/processes"),
              Map.of("command", "while :; do read line < /proc/meminfo; done"))
          .expect(201);
      for (int i = 0; i < 5; i++) {
        given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
        assertEquals("going on", sandbox.run("echo going on"));
      }
    }
  }
}

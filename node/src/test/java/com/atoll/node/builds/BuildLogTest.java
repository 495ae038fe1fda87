package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build says. */
class BuildLogTest {
  @Test
  void theBuilderBeginsALineWhateverAStepLeftBehind(@TempDir Path folder) {
    BuildLog log = new BuildLog(folder.resolve("log"));
    log.say("STEP 1/2");
    log.append("no newline".getBytes(StandardCharsets.UTF_8));
    log.say("STEP 2/2");
    log.append("a line\n".getBytes(StandardCharsets.UTF_8));
    log.say("READY");
    assertEquals(
        "STEP 1/2\nno newline\nSTEP 2/2\na line\nREADY\n",
        new String(log.read(0, 1000), StandardCharsets.UTF_8));
  }

  @Test
  void ofOneThatSaysTooMuchTheBeginningAndTheEndAreKept(@TempDir Path folder) throws IOException {
    BuildLog log = new BuildLog(folder.resolve("log"));
    log.say("STEP 1/1");
    byte[] line = "x".repeat(999).concat("\n").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 12_000; i++) {
      log.append(line);
    }
    log.append("the reason".getBytes(StandardCharsets.UTF_8));
    log.say("FAILED step 1");
    log.end();
    log.append("late".getBytes(StandardCharsets.UTF_8));
    log.say("and a last line");
    assertTrue(Files.size(folder.resolve("log")) <= 8 << 20);
    String all = new String(log.read(0, 8 << 20), StandardCharsets.UTF_8);
    assertTrue(all.startsWith("STEP 1/1\nxxx"));
    assertTrue(all.contains(" bytes are left out)\nx"));
    assertTrue(all.endsWith("xx\nthe reason\nFAILED step 1\nand a last line\n"));
  }

  @Test
  void whatIsALittleMuchIsKeptWhole(@TempDir Path folder) {
    BuildLog log = new BuildLog(folder.resolve("log"));
    byte[] much = "y".repeat(BuildLog.BEGINNING).getBytes(StandardCharsets.UTF_8);
    log.append(much);
    log.append("1\n".getBytes(StandardCharsets.UTF_8));
    log.append(Arrays.copyOf(much, BuildLog.END - 2));
    log.end();
    byte[] all = log.read(0, 8 << 20);
    assertEquals(BuildLog.BEGINNING + BuildLog.END, all.length);
    assertEquals("yy1\nyy", new String(all, much.length - 2, 6, StandardCharsets.UTF_8));
  }
}

package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
}

package com.atoll.server.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a service running inside, run by the shell of this machine. */
final class SuperviseScriptTest {
  private final List<Process> running = new ArrayList<>();
  @TempDir private Path folder;
  private Path state;
  private Path log;

  @BeforeEach
  void begin() {
    state = folder.resolve("run/it.state");
    log = folder.resolve("log");
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process supervisor : running) {
      // As the platform does, which tells all of the group.
      List<ProcessHandle> group = supervisor.descendants().toList();
      supervisor.destroy();
      group.forEach(ProcessHandle::destroy);
      assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS), "it does not end when it is told to");
    }
  }

  @Test
  void aServiceWaitsForItsDirectory() throws Exception {
    Path directory = folder.resolve("checked out later");
    var _ = supervise("always", "pwd; exec sleep 600", directory.toString());
    await(() -> read(state).matches("waiting [1-9] 126 -\n"));
    assertTrue(read(log).contains(directory.toString()), read(log));
    Files.createDirectory(directory);
    await(() -> read(state).startsWith("running ") && read(log).contains("\n" + directory + "\n"));
  }

  @Test
  void oneThatIsNotStartedAgainFailsWithoutItsDirectory() throws Exception {
    Process supervisor = supervise("no", "true", folder.resolve("gone").toString());
    assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS));
    assertEquals(126, supervisor.exitValue());
    assertTrue(read(state).startsWith("ended 1 126 "), read(state));
  }

  @Test
  void oneWithoutADirectoryRunsWhereItsSupervisorDoes() throws Exception {
    Process supervisor = supervise("no", "pwd", "");
    assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS));
    assertEquals(0, supervisor.exitValue());
    assertEquals(folder + "\n", read(log));
  }

  private Process supervise(String policy, String command, String directory) throws IOException {
    Path script = Path.of("src/main/resources/services/supervise.sh");
    String[] words = {
      "/bin/sh",
      "-c",
      Files.readString(script),
      "service",
      policy,
      state.toString(),
      command,
      directory
    };
    Process supervisor =
        new ProcessBuilder(Arrays.asList(words))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(new File(log.toString()))
            .start();
    running.add(supervisor);
    return supervisor;
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException moved) {
      return "";
    }
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}

package com.atoll.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a shell in namespaces of its own, as a workload has them. */
@Timeout(20)
final class NamespacesTest {
  @TempDir Path folder;
  private Process shell;
  private BufferedReader answers;
  private long pid;

  @BeforeEach
  void start() throws IOException {
    shell =
        new ProcessBuilder("unshare", "--mount", "--uts", "--user", "--map-root-user", "/bin/sh")
            .redirectErrorStream(true)
            .start();
    answers = shell.inputReader();
    pid = Long.parseLong(ask("echo $$"));
  }

  @AfterEach
  void end() throws Exception {
    List<Descriptor> watched = Processes.watch(List.of(pid));
    Processes.signal(pid, Processes.SIGKILL);
    assertTrue(Processes.awaitEnd(watched, Duration.ofSeconds(5)));
    watched.forEach(Descriptor::close);
    Processes.signal(pid, Processes.SIGKILL);
    assertEquals(List.of(), Processes.watch(List.of(waited())));
  }

  private long waited() throws InterruptedException {
    shell.waitFor();
    return pid;
  }

  private Inside inside() {
    return new Inside(pid, 0);
  }

  @Test
  void aProcessOfSomebodyElseIsNotEntered() {
    for (Inside other :
        List.of(new Inside(pid, 1_900_000_000L), new Inside(ProcessHandle.current().pid(), 7))) {
      LinuxException refused =
          assertThrows(
              LinuxException.class, () -> Namespaces.setHostname(other, "stolen", () -> {}));
      assertTrue(refused.is(Errno.ESRCH));
    }
  }

  @Test
  void aMachineIsNamedFromOutside() throws IOException {
    String before = ask("hostname");
    boolean[] ran = new boolean[1];
    Namespaces.setHostname(inside(), "atoll-one", () -> ran[0] = true);
    assertTrue(ran[0]);
    assertEquals("atoll-one", ask("hostname"));
    assertEquals(before, HostProgram.require("hostname").run());
    assertThrows(
        IllegalArgumentException.class, () -> Namespaces.setHostname(inside(), "", () -> {}));
  }

  @Test
  void aDirectoryAppearsInARunningProcess() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.createSymbolicLink(folder.resolve("link"), target);
    Files.writeString(source.resolve("a"), "here\n");
    Namespaces.mountInto(inside(), source, target.toString(), false);
    assertEquals("here", ask("cat " + target + "/a"));
    assertEquals("0", ask("stat -c %u " + target + "/a"));
    assertEquals("written", ask("echo written > " + target + "/b; cat " + target + "/b"));
    assertEquals("written", Files.readString(source.resolve("b")).strip());
    assertEquals(0, Files.getAttribute(source.resolve("b"), "unix:uid"));
    assertEquals(0, entries(target));
    assertEquals(
        Errno.ELOOP,
        assertThrows(
                LinuxException.class,
                () ->
                    Namespaces.mountInto(
                        inside(), source, folder.resolve("link").toString(), false))
            .errno());
  }

  @Test
  void whatIsMissingOnTheWayIsMadeAsByItsRoot() throws IOException {
    Path source = Files.createDirectory(folder.resolve("volume"));
    Path above = folder.resolve("new");
    Path target = above.resolve("in/it");
    Namespaces.mountInto(inside(), source, target.toString(), false);
    assertEquals("0 755", ask("stat -c '%u %a' " + above));
    assertEquals("0 755", ask("stat -c '%u %a' " + above.resolve("in")));
    Files.writeString(source.resolve("a"), "here\n");
    assertEquals("here", ask("cat " + target + "/a"));
    // Not through a link, not through a file, and not where the kernel lets nobody.
    Files.createSymbolicLink(folder.resolve("away"), above);
    Files.writeString(folder.resolve("file"), "");
    assertEquals(Errno.ELOOP, refusal(source, folder.resolve("away/x")));
    assertEquals(Errno.ENOTDIR, refusal(source, folder.resolve("file/x")));
    assertTrue(List.of(Errno.ENOENT, Errno.EPERM).contains(refusal(source, Path.of("/proc/x"))));
    assertFalse(Files.exists(above.resolve("x")));
  }

  private int refusal(Path source, Path target) {
    return assertThrows(
            LinuxException.class,
            () -> Namespaces.mountInto(inside(), source, target.toString(), false))
        .errno();
  }

  private static long entries(Path place) throws IOException {
    try (var found = Files.list(place)) {
      return found.count();
    }
  }

  private String ask(String command) throws IOException {
    shell.outputWriter().write(command + "\n");
    shell.outputWriter().flush();
    return String.valueOf(answers.readLine());
  }
}

package com.atoll.node.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real agent, built from source, running as an ordinary process. */
final class AgentFixture implements AutoCloseable {
  private static final Path BIN = build();

  private final Process process;
  private final Path socket;

  private AgentFixture(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  static AgentFixture start(Path folder) throws IOException {
    Path socket = folder.resolve("guest.sock");
    Process process =
        new ProcessBuilder(
                BIN.resolve("testlisten").toString(),
                socket.toString(),
                BIN.resolve("agent").toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    AgentFixture fixture = new AgentFixture(process, socket);
    fixture.awaitReady();
    // The host's own shell profile is none of these tests' business.
    fixture.client().configure(null, Map.of("HOME", folder.toString()), List.of());
    return fixture;
  }

  GuestClient client() {
    return new GuestClient(socket);
  }

  /** As an agent does in a frozen sandbox: it keeps its connections and answers nothing. */
  void freeze() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
  }

  private void awaitReady() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        client().ping(java.time.Duration.ofSeconds(5));
        return;
      } catch (GuestException notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
      }
    }
  }

  private static Path build() {
    Path bin = Path.of("target", "native").toAbsolutePath();
    try {
      Files.createDirectories(bin);
      for (String each : new String[] {"cmd/agent", "internal/testlisten"}) {
        ProcessBuilder go =
            new ProcessBuilder("go", "build", "-o", bin + "/", "./" + each)
                .directory(Path.of("..", "native").toFile())
                .redirectErrorStream(true);
        go.environment().put("CGO_ENABLED", "0");
        Process process = go.start();
        String output =
            new String(
                process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
          throw new IllegalStateException(output);
        }
      }
      return bin;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

package com.atoll.node.runtime;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The fork server as a child of this process, started again when it ends. One that outlived an
 * earlier node is ended first: it is found by the number it left and told by its socket.
 */
public final class SpawnProcess implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SpawnProcess.class.getName());
  private static final Duration START_TIME = Duration.ofSeconds(10);

  private final Path program;
  private final Path socket;
  private final Path pidFile;
  private volatile boolean closed;
  private volatile Process process;

  /**
   * Starts it and waits until it listens.
   *
   * @param program the binary
   * @param run the installation's run folder
   */
  public SpawnProcess(Path program, Path run) throws IOException {
    this.program = program;
    this.socket = socket(run);
    this.pidFile = run.resolve("spawn.pid");
    endEarlier(run);
    this.process = launch();
    Thread.ofVirtual().name("spawn-keeper").start(this::keep);
  }

  /** Where it listens. */
  public static Path socket(Path run) {
    return run.resolve("spawn.sock");
  }

  /** Ends a fork server that an earlier node of this installation left. */
  public static void endEarlier(Path run) throws IOException {
    Path pidFile = run.resolve("spawn.pid");
    long pid;
    try {
      pid = Long.parseLong(Files.readString(pidFile).strip());
    } catch (NoSuchFileException | NumberFormatException none) {
      return;
    }
    if (isOurs(pid, socket(run))) {
      List<Descriptor> watched = Processes.watch(List.of(pid));
      Processes.signal(pid, Processes.SIGKILL);
      Processes.awaitEnd(watched, START_TIME);
      watched.forEach(Descriptor::close);
    }
    Files.deleteIfExists(pidFile);
    Files.deleteIfExists(socket(run));
  }

  @Override
  public void close() {
    closed = true;
    process.destroy();
  }

  private static boolean isOurs(long pid, Path socket) {
    try {
      String words = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
      return words.contains("spawn\0") && words.contains(socket.toString());
    } catch (IOException gone) {
      return false;
    }
  }

  private Process launch() throws IOException {
    Files.deleteIfExists(socket);
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "--socket", socket.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Process started = builder.start();
    Files.writeString(pidFile, started.pid() + "\n");
    awaitSocket(started);
    return started;
  }

  private void awaitSocket(Process started) throws IOException {
    long deadline = System.nanoTime() + START_TIME.toNanos();
    while (!Files.exists(socket)) {
      try {
        if (started.waitFor(2, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
          started.destroyForcibly();
          throw new IOException("the fork server did not start");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  private void keep() {
    while (!closed) {
      try {
        int code = process.waitFor();
        if (!closed) {
          LOG.severe(() -> "the fork server ended with " + code + "; starting it again");
          process = launch();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        LOG.log(Level.SEVERE, "the fork server cannot be started; this node ends", e);
        Runtime.getRuntime().halt(1); // Whoever keeps this process starts all of it again.
      }
    }
  }
}

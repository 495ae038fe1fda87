package com.atoll.server.testing;

import com.atoll.platform.Installation;
import com.atoll.server.postgres.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL of the test JVM's own, run as user nobody; started once, gone with the JVM. */
public final class TestPostgres {
  private static final int NOBODY = 65534;
  private static @Nullable TestPostgres running;

  private final Installation installation;
  private final List<String> command;
  private @Nullable Process process;

  private TestPostgres() throws IOException {
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-pg");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(folder)));
    run("chmod", "0755", folder.toString());
    Path home = Files.createDirectories(folder.resolve("home"));
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.createDirectories(home.resolve("postgres"));
    Files.createDirectories(home.resolve("secrets"));
    Files.createDirectories(run.resolve("pg"));
    run(
        "chown",
        "-R",
        "65534:65534",
        home.resolve("postgres").toString(),
        run.resolve("pg").toString());
    run("chmod", "0700", home.resolve("postgres").toString());
    installation = Installations.in(home, run);
    List<String> asNobody =
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--");
    PostgresCluster cluster = new PostgresCluster(installation, asNobody);
    cluster.prepare();
    command = new ArrayList<>(asNobody);
    command.addAll(cluster.command());
    command.addAll(List.of("-c", "fsync=off"));
    process = start();
  }

  /** The one of this JVM. */
  public static synchronized TestPostgres get() {
    TestPostgres one = running;
    if (one == null) {
      try {
        one = new TestPostgres();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      running = one;
    }
    return one;
  }

  /** An installation whose database this is. */
  public Installation installation() {
    return installation;
  }

  /** Ends it at once, as a crash would: nothing of it answers any more when this returns. */
  public void kill() throws InterruptedException {
    // Children of a killed postmaster notice its end in their own time, and answer until then.
    Process killed = Objects.requireNonNull(process);
    List<ProcessHandle> children = killed.descendants().toList();
    killed.destroyForcibly().waitFor();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  /** Starts it again. */
  public void restart() throws IOException {
    process = start();
  }

  private Process start() throws IOException {
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(installation.home().resolve("postgres.log").toFile())
            .start();
    Path socket = installation.run().resolve("pg/.s.PGSQL.5432");
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < until) {
      if (accepts(socket)) {
        return started;
      }
      if (!started.isAlive()) {
        // The children of a killed one may still hold its memory: the next attempt finds them gone.
        started =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(installation.home().resolve("postgres.log").toFile())
                .start();
      }
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    throw new IllegalStateException(
        "PostgreSQL did not start: "
            + Files.readString(installation.home().resolve("postgres.log")));
  }

  private static boolean accepts(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  private void end(Path folder) {
    try {
      Process last = process;
      if (last != null && last.isAlive()) {
        // Without waiting for the connections that the tests left open.
        run("kill", "-QUIT", String.valueOf(last.pid()));
        last.waitFor(10, TimeUnit.SECONDS);
      }
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    } catch (InterruptedException | IOException e) {
      System.err.println("the test's PostgreSQL left something in " + folder + ": " + e);
    }
  }

  private static void run(String... command) throws IOException {
    try {
      if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}

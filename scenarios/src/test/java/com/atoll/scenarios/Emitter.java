package com.atoll.scenarios;

import com.atoll.scenarios.Frames.Frame;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A process that numbers what it writes, and a reader that follows it through every break of its
 * connection. The process notes each number in a file once it is written: what the file says, the
 * reader must have heard, each number once and in order.
 */
final class Emitter implements AutoCloseable {
  private static final String PROGRAM =
      """
      import os, sys, time
      note = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
      number = 0
      while True:
          number += 1
          print('record', number, flush=True)
          os.pwrite(note, b'%012d' % number, 0)
          time.sleep(0 if number % 40 < 20 else 0.05)
      """;

  private final Sandbox sandbox;
  private final String name;
  private final String pid;
  private final Random pieces;
  private final Thread reader;
  private final StringBuilder begun = new StringBuilder();
  private String cursor = "";
  private final AtomicLong heard = new AtomicLong();
  private volatile @Nullable String wrong;
  private volatile String refusal = "";
  private volatile boolean closed;

  private Emitter(Sandbox sandbox, String name, String pid, long seed) {
    this.sandbox = sandbox;
    this.name = name;
    this.pid = pid;
    this.pieces = new Random(seed);
    this.reader = Thread.ofVirtual().name("reader-" + name).start(this::follow);
  }

  /** Starts one; a start whose answer was lost is found by its name. */
  static Emitter in(Sandbox sandbox, long seed) {
    String name = Given.unique("emitter");
    String program = "/workspace/." + name + ".py";
    Crashes.eventually(
        60, "its program is there", () -> sandbox.write(program, PROGRAM).status() == 201);
    String[] pid = new String[1];
    Crashes.eventually(
        60,
        name + " is started",
        () -> {
          String command = "exec python3 -u " + program + " /workspace/." + name;
          Reply there = sandbox.api().get(sandbox.at("/processes"));
          if (there.status() != 200) {
            return false;
          }
          pid[0] = running(there, name);
          if (pid[0] == null) {
            Reply started =
                sandbox
                    .api()
                    .post(sandbox.at("/processes"), Map.of("command", command, "name", name));
            pid[0] = started.status() == 201 ? started.string("pid") : null;
          }
          return pid[0] != null;
        });
    return new Emitter(sandbox, name, pid[0], seed);
  }

  private static @Nullable String running(Reply list, String name) {
    return list.json()
        .path("data")
        .valueStream()
        .filter(row -> row.path("name").asString("").equals(name))
        .map(row -> row.path("pid").asString())
        .findFirst()
        .orElse(null);
  }

  /** Everything that it has written so far is heard in a moment. */
  void check() {
    long[] written = new long[1];
    Crashes.eventually(
        60,
        name + " has noted what it wrote",
        () -> {
          Reply note = sandbox.api().get(sandbox.at("/fs/download?path=/workspace/." + name));
          boolean there = note.status() == 200 && !note.text().isBlank();
          written[0] = there ? Long.parseLong(note.text()) : 0;
          return there;
        });
    Given.eventually(
        40,
        name + " is heard to " + written[0],
        () -> wrong != null || heard.get() >= written[0],
        this::toString);
    if (wrong != null) {
      throw new AssertionError(toString());
    }
  }

  private void follow() {
    String path = sandbox.at("/processes/" + pid + "/stream");
    while (!closed && wrong == null) {
      try {
        int most = 1 + pieces.nextInt(200);
        Frames.read(sandbox.api(), "GET", path, Map.of(), cursor, most, this::take);
      } catch (UncheckedIOException | IllegalStateException broken) {
        refusal = broken.toString();
      } catch (AssertionError refused) {
        refusal = refused.toString();
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private boolean take(Frame frame) {
    if (closed) {
      return true;
    }
    if (!frame.type().equals("stdout")) {
      wrong = frame.toString();
      return true;
    }
    cursor = frame.id();
    begun.append(frame.line());
    int end = begun.indexOf("\n");
    while (end >= 0) {
      String line = begun.substring(0, end);
      if (!line.equals("record " + (heard.get() + 1))) {
        wrong = "'" + line + "' after " + heard;
        return true;
      }
      heard.incrementAndGet();
      begun.delete(0, end + 1);
      end = begun.indexOf("\n");
    }
    return false;
  }

  /** Stops to listen: the process is about to end, or is of no interest any more. */
  @Override
  public void close() {
    closed = true;
    reader.interrupt();
  }

  @Override
  public String toString() {
    return name
        + " ("
        + pid
        + " of "
        + sandbox.id()
        + ") heard "
        + heard
        + ", cursor "
        + cursor
        + ", wrong: "
        + wrong
        + ", last refusal: "
        + refusal;
  }
}

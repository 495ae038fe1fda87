package com.atoll.cli.sandboxes;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Carries the standard input of this program to that of a command, in order and no part twice. */
final class InputPump implements Runnable {
  private static final int MOST = 256 << 10;
  private static final int TOO_MANY = 429;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final InputStream input;
  private final RunningCommand command;

  InputPump(InputStream input, RunningCommand command) {
    this.input = input;
    this.command = command;
  }

  @Override
  public void run() {
    byte[] buffer = new byte[MOST];
    try {
      int count = read(buffer);
      while (count >= 0 && write(buffer, count, false)) {
        count = read(buffer);
      }
      if (count < 0) {
        write(buffer, 0, true);
      }
    } catch (IOException unreadable) {
      command.inputLost("it cannot be read: " + unreadable.getMessage());
    } catch (InterruptedException ended) {
      return;
    }
  }

  /** What is there, once something is; -1 at the end. */
  private int read(byte[] buffer) throws IOException {
    int count = input.read(buffer);
    while (count > 0 && count < buffer.length && input.available() > 0) {
      int more = input.read(buffer, count, buffer.length - count);
      if (more <= 0) {
        return count;
      }
      count += more;
    }
    return count;
  }

  /** Whether the command may read on. */
  private boolean write(byte[] bytes, int count, boolean close) throws InterruptedException {
    long began = System.nanoTime();
    while (true) {
      try {
        command.write(bytes, count, close);
        return true;
      } catch (ApiException refused) {
        if (Thread.interrupted()) {
          throw new InterruptedException("the command has ended");
        }
        if (readsNoMore(refused)) {
          return false;
        }
        if (!tookNothing(refused, System.nanoTime() - began)) {
          command.inputLost(String.valueOf(refused.getMessage()));
          return false;
        }
      }
    }
  }

  private static boolean readsNoMore(ApiException refused) {
    return switch (refused.reason()) {
      case "input_closed", "process_exited" -> true;
      default -> refused.code().equals("PROCESS_NOT_FOUND");
    };
  }

  /** Whether the same may be written again: the answer says that nothing of it was taken. */
  private static boolean tookNothing(ApiException refused, long nanos) {
    // Before that answer it was waited for the command to read; it may take its time.
    if (refused.reason().equals("input_blocked")) {
      return true;
    }
    boolean away = refused.code().equals("SERVICE_UNAVAILABLE") && nanos < PATIENCE.toNanos();
    if (away || refused.status() == TOO_MANY) {
      Api.pause(PAUSE);
      return true;
    }
    return false;
  }
}

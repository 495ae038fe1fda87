package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Terminal;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One terminal over as many connections as it takes: what was shown is not asked for again, and
 * what is typed while there is none waits for the next.
 */
final class ShellSession {
  private static final Duration SIZE_LOOK = Duration.ofMillis(500);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SERVER_ERROR = 500;

  private final Terminal terminal;
  private final InputStream input;
  private final Screen screen;
  private final Link link;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();

  /** How a connection is made: from the cursor on, or from the beginning. */
  @FunctionalInterface
  interface Link {
    /** Connects. */
    WebSocket open(WebSocket.Listener listener, @Nullable String cursor);
  }

  ShellSession(Terminal terminal, InputStream input, PrintStream output, Link link) {
    this.terminal = terminal;
    this.input = input;
    this.screen = new Screen(output);
    this.link = link;
  }

  /** Runs until the shell ends; answers its exit code. */
  int run() {
    Attachment first = attach();
    Line line = new Line(first.socket());
    Thread keys = Thread.ofPlatform().daemon().name("keys").start(() -> sendKeys(line));
    Thread sizes = Thread.ofVirtual().name("sizes").start(() -> followSize(line));
    try {
      Attachment now = first;
      while (true) {
        Integer code = now.await();
        if (code != null) {
          return code;
        }
        now = again(now.why());
        line.replace(now.socket());
      }
    } finally {
      ended.complete(0);
      line.close();
      sizes.interrupt();
      keys.interrupt();
    }
  }

  private Attachment attach() {
    Attachment attachment = new Attachment(screen);
    screen.rewind();
    attachment.opened(link.open(attachment, screen.cursor()));
    return attachment;
  }

  private Attachment again(String why) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      Api.pause(pause);
      try {
        return attach();
      } catch (ApiException refused) {
        boolean hopeless = refused.status() > 0 && refused.status() < SERVER_ERROR;
        if (hopeless || System.nanoTime() > end) {
          throw hopeless ? gone(refused) : broken(why);
        }
      }
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private void sendKeys(Line line) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = input.read(buffer); n >= 0 && !ended.isDone(); n = input.read(buffer)) {
        line.type(buffer, n);
      }
      // A pipe ended: tell the shell as a terminal does.
      line.type(new byte[] {4}, 1);
    } catch (IOException | InterruptedException over) {
      return;
    }
  }

  /**
   * Looks again and again: the kernel tells of a new size by a signal, and Java has no supported
   * way to hear of one.
   */
  private void followSize(Line line) {
    Terminal.Size known = terminal.size();
    try {
      while (!endedWithin(SIZE_LOOK)) {
        Terminal.Size now = terminal.size();
        if (!now.equals(known)) {
          known = now;
          line.say(
              Json.write(
                  Json.object()
                      .put("type", "resize")
                      .put("cols", now.columns())
                      .put("rows", now.rows())));
        }
      }
    } catch (InterruptedException over) {
      return;
    }
  }

  private boolean endedWithin(Duration wait) throws InterruptedException {
    try {
      ended.get(wait.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException running) {
      return false;
    } catch (ExecutionException broken) {
      return true;
    }
  }

  private static ApiException gone(ApiException refused) {
    return new ApiException(
        "TERMINAL_GONE",
        "the shell ended while the connection was away: " + refused.getMessage(),
        "open another one");
  }

  private static ApiException broken(String why) {
    return new ApiException(
        "TERMINAL_BROKEN",
        "the terminal broke and could not be had again: " + why,
        "open it again");
  }
}

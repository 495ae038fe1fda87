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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
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

  private final Supplier<Optional<Terminal.Size>> size;
  private final InputStream input;
  private final Screen screen;
  private final Link link;
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();

  /** The size that the connection of now was told; null when it was told none. */
  private volatile Terminal.@Nullable Size told;

  /** How a connection is made: from the cursor on, or from the beginning. */
  @FunctionalInterface
  interface Link {
    /** Connects. */
    WebSocket open(WebSocket.Listener listener, @Nullable String cursor);
  }

  ShellSession(
      Supplier<Optional<Terminal.Size>> size, InputStream input, PrintStream output, Link link) {
    this.size = size;
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
        // What was told while there was no connection is not known there.
        told = null;
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
      byte last = '\n';
      for (int n = input.read(buffer); n >= 0 && !ended.isDone(); n = input.read(buffer)) {
        line.type(buffer, n);
        last = n > 0 ? buffer[n - 1] : last;
      }
      // A pipe ended: tell the shell as a terminal does, which hears of it on an empty line only.
      byte[] end = {'\n', 4};
      boolean empty = last == '\n' || last == '\r';
      line.type(empty ? new byte[] {4} : end, empty ? 1 : 2);
    } catch (IOException | InterruptedException over) {
      return;
    }
  }

  /**
   * Looks again and again: the kernel tells of a new size by a signal, and Java has no supported
   * way to hear of one.
   */
  private void followSize(Line line) {
    try {
      do {
        Terminal.Size now = size.get().orElse(null);
        if (now != null && !now.equals(told)) {
          // Noted first: if the connection is replaced meanwhile, the next is told again.
          told = now;
          line.say(
              Json.write(
                  Json.object()
                      .put("type", "resize")
                      .put("cols", now.columns())
                      .put("rows", now.rows())));
        }
      } while (!endedWithin(SIZE_LOOK));
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

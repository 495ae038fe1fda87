package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Output;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A streamed command as a process: what it is signaled and what it reads. */
final class RunningCommand {
  /** The id of an event: the process, when it was started, and a cursor. */
  private static final Pattern EVENT = Pattern.compile("([0-9]{1,9})-[0-9]+:.*");

  private static final int INTERRUPTED = 130;

  private final Api api;
  private final String sandbox;
  private final Output output;
  private final CompletableFuture<String> path = new CompletableFuture<>();
  private final AtomicInteger interrupts = new AtomicInteger();
  private final AtomicBoolean unheard = new AtomicBoolean();
  private volatile @Nullable ApiException inputLost;

  RunningCommand(Api api, String sandbox, Output output) {
    this.api = api;
    this.sandbox = sandbox;
    this.output = output;
  }

  /** An event of it has come, whose id tells which process it is. */
  void known(String eventId) {
    Matcher found = EVENT.matcher(eventId);
    if (!path.isDone() && found.matches()) {
      path.complete(Sandboxes.path(sandbox, "/processes/" + found.group(1)));
    }
  }

  /** It has ended by itself, unless its input had been lost. */
  void ended() {
    ApiException lost = inputLost;
    if (lost != null) {
      throw lost;
    }
  }

  /** This program was signaled: so is the command, and the second time it is killed. */
  void interrupt(String signal) {
    int times = interrupts.incrementAndGet();
    if (times > 2 || (times == 2 && !path.isDone())) {
      output.err().println("atoll: given up; the command may go on for a minute");
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    try {
      String to = path.get();
      api.postOnce(to + "/signal", Json.object().put("signal", times == 1 ? signal : "SIGKILL"));
    } catch (ApiException refused) {
      output.err().println("atoll: the command was not signaled: " + refused.getMessage());
    } catch (InterruptedException | ExecutionException ending) {
      return;
    }
  }

  /** Nobody takes its output any more: it is ended, as one that writes into a closed pipe. */
  void unheard() {
    if (path.isDone() && !unheard.getAndSet(true)) {
      end();
    }
  }

  /** Writes to its standard input, once it is known which process it is. */
  void write(byte[] bytes, int count, boolean close) throws InterruptedException {
    ObjectNode body = Json.object();
    byte[] part = Arrays.copyOf(bytes, count);
    body.put("data_base64", Base64.getEncoder().encodeToString(part));
    body.put("close", close);
    try {
      api.postOnce(path.get() + "/stdin", body);
    } catch (ExecutionException never) {
      throw new IllegalStateException(never);
    }
  }

  /** What it should have read may be missing: it must not go on as if that were all. */
  void inputLost(String why) {
    inputLost =
        new ApiException(
            "INPUT_LOST",
            "a part of the standard input did not reach the command, which was ended: " + why,
            "see what it has done, and repeat it");
    end();
  }

  private void end() {
    try {
      api.delete(path.join());
    } catch (ApiException refused) {
      output.err().println("atoll: the command was not ended: " + refused.getMessage());
    }
  }
}

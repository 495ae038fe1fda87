package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Output;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.EventStream;
import com.atoll.cli.http.EventStream.Event;
import com.atoll.cli.http.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The output of a command over as many connections as it takes, byte by byte: the next one begins
 * behind the last event of the one before.
 */
final class CommandStream {
  /** For as long a command goes on without a listener. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final Api api;
  private final String sandbox;
  private final JsonNode body;
  private final Output output;
  private final RunningCommand command;
  private @Nullable String last;
  private boolean gaps;
  private long brokenAt;
  private final Reconnecting reconnecting = new Reconnecting(LONGEST_PAUSE);

  CommandStream(Api api, String sandbox, JsonNode body, Output output, RunningCommand command) {
    this.api = api;
    this.sandbox = sandbox;
    this.body = body;
    this.output = output;
    this.command = command;
  }

  /**
   * How a command ended.
   *
   * @param timedOut whether its time-out killed it
   * @param gaps whether some of its output was lost
   */
  record End(int code, boolean timedOut, boolean gaps) {}

  /** Runs the command to its end. */
  End run() {
    EventStream first = open();
    End end = read(first);
    while (end == null) {
      if (last == null) {
        throw broken();
      }
      EventStream next = openAgain();
      end = next == null ? null : read(next);
    }
    command.ended();
    return end;
  }

  private EventStream open() {
    return api.stream("POST", Sandboxes.path(sandbox, "/exec/stream?encoding=base64"), body, last);
  }

  /** The next connection; null when there is none yet. */
  private @Nullable EventStream openAgain() {
    if (System.nanoTime() - brokenAt > PATIENCE.toNanos()) {
      throw broken();
    }
    reconnecting.pause();
    try {
      return open();
    } catch (ApiException refused) {
      if (Reconnecting.isPassing(refused)) {
        return null;
      }
      throw new ApiException(
          "COMMAND_GONE",
          "the connection broke, and the command is not there any more: " + refused.getMessage(),
          "see what it has done; its exit code is lost");
    }
  }

  /** Shows what comes; answers the end, or null when the connection ended without one. */
  private @Nullable End read(EventStream events) {
    try (events) {
      for (Event event = events.nextPlace(); event != null; event = events.nextPlace()) {
        command.known(event.id());
        switch (event.type()) {
          case "stdout" -> {
            if (!copy(event.data(), output.out())) {
              command.unheard();
            }
          }
          case "stderr" -> copy(event.data(), output.err());
          case "gap" -> lost(event.data());
          case "exit" -> {
            int code = event.data().path("exit_code").asInt(Exec.NO_CODE);
            return new End(code, event.data().path("timed_out").asBoolean(false), gaps);
          }
          case "error" -> throw refused(event.data());
          default -> {}
        }
        if (!event.id().isEmpty()) {
          last = event.id();
        }
        brokenAt = 0;
        reconnecting.works();
      }
    } catch (ApiException brokenOff) {
      if (!brokenOff.code().equals(EventStream.BROKEN)) {
        throw brokenOff;
      }
    }
    // One that breaks before it brings anything is no end of the time without a connection.
    brokenAt = brokenAt == 0 ? System.nanoTime() : brokenAt;
    return null;
  }

  private ApiException broken() {
    return new ApiException(
        EventStream.BROKEN,
        "the stream ended before the command did",
        "see whether the sandbox still runs: atoll sandbox get " + sandbox);
  }

  private void lost(JsonNode gap) {
    gaps = true;
    output.note(
        "atoll: output was lost: its pieces "
            + Json.text(gap, "from", "?")
            + " to "
            + Json.text(gap, "to", "?"));
  }

  private static ApiException refused(JsonNode data) {
    JsonNode error = data.path("error").isObject() ? data.path("error") : data;
    return new ApiException(
        Json.text(error, "code", "INTERNAL_ERROR"),
        Json.text(error, "message", "the command could not be run"),
        Json.text(error, "fix").isEmpty() ? null : Json.text(error, "fix"));
  }

  /** Whether somebody takes it. */
  private static boolean copy(JsonNode data, PrintStream to) {
    byte[] bytes =
        data.path("base64").isString()
            ? Base64.getDecoder().decode(data.path("base64").asString())
            // An older server knows text only.
            : Json.text(data, "data", Json.text(data, "line")).getBytes(StandardCharsets.UTF_8);
    to.write(bytes, 0, bytes.length);
    return !to.checkError();
  }
}

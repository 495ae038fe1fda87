package com.atoll.server.toolservers;

import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs a stdio server in a sandbox that lives only for the trial, with the caller's rights and at
 * the caller's cost.
 */
final class StdioTrial {
  private static final int SECONDS = 90;
  private static final int LONGEST_OUTPUT = 900_000;

  /** Keeps the input open until the list is there: a server may end with its input. */
  private static final String SCRIPT =
      """
      d=$(mktemp -d) && cd "$d" && mkfifo in && cat > told && : > out
      { cat told; exec sleep %d; } > in &
      feeder=$!
      sh -c "$ATOLL_TRIAL" < in > out 2> err &
      server=$!
      while ! grep -q '"id": *2[,}]' out && kill -0 $server 2>/dev/null; do sleep 0.1; done
      kill $feeder $server 2>/dev/null
      head -c %d out
      tail -c 2000 err >&2
      grep -q '"id": *2[,}]' out\
      """
          .formatted(SECONDS, LONGEST_OUTPUT);

  private final InnerCalls inner;
  private final Call call;
  private final long began = System.nanoTime();

  StdioTrial(InnerCalls inner, Call call) {
    this.inner = inner;
    this.call = call;
  }

  Trial.Outcome run(Spec spec) {
    ObjectNode wish = Json.MAPPER.createObjectNode();
    wish.put("timeout_sec", 2 * SECONDS);
    wish.putPOJO("metadata", Map.of("purpose", "trial of a tool server"));
    InnerCalls.Reply made = inner.send(call, "POST", "/sandboxes", wish, Map.of());
    if (!made.ok()) {
      return Trial.Outcome.failed("no sandbox to run it in: " + said(made), null, began);
    }
    String id = made.body().path("id").asString();
    try {
      return exec(spec, id);
    } finally {
      var _ = inner.send(call, "DELETE", "/sandboxes/" + id, null, Map.of());
    }
  }

  private Trial.Outcome exec(Spec spec, String sandbox) {
    ObjectNode wish = Json.MAPPER.createObjectNode();
    wish.put("command", SCRIPT);
    wish.put("timeout", SECONDS);
    wish.put(
        "stdin",
        String.join(
            "\n", Trial.initialize(), Trial.initialized(), Trial.list(Trial.LIST, null), ""));
    ObjectNode env = wish.putObject("env");
    spec.secretEnv()
        .forEach((name, secret) -> env.put(name, spec.secrets().getOrDefault(secret, "")));
    env.put("ATOLL_TRIAL", line(spec));
    InnerCalls.Reply ran =
        inner.send(call, "POST", "/sandboxes/" + sandbox + "/exec", wish, Map.of());
    if (!ran.ok()) {
      return Trial.Outcome.failed("it could not be run: " + said(ran), null, began);
    }
    List<String> lines = ran.body().path("stdout").asString("").lines().toList();
    JsonNode greeting = Trial.answer(lines, Trial.INITIALIZE);
    JsonNode list = Trial.answer(lines, Trial.LIST);
    String refused = refused(ran.body(), greeting, list);
    if (refused != null || greeting == null || list == null) {
      return Trial.Outcome.failed(String.valueOf(refused), null, began);
    }
    List<Found.FoundTool> tools = new ArrayList<>();
    Trial.add(list, tools);
    return new Trial.Outcome(Trial.found(greeting, tools), null, null, Trial.millis(began));
  }

  private static @Nullable String refused(
      JsonNode ran, @Nullable JsonNode greeting, @Nullable JsonNode list) {
    if (ran.path("timed_out").asBoolean(false)) {
      return "no list of tools within " + SECONDS + " seconds";
    }
    if (greeting == null || list == null) {
      String err = ran.path("stderr").asString("").strip();
      return "the program ended without an answer" + (err.isEmpty() ? "" : ": " + err);
    }
    String first = Trial.error(greeting);
    return first == null ? Trial.error(list) : first;
  }

  /**
   * The command as one line of the shell; the command may be one itself, its arguments are words.
   */
  private static String line(Spec spec) {
    StringBuilder line = new StringBuilder("exec " + spec.command());
    spec.args().forEach(arg -> line.append(" '").append(arg.replace("'", "'\\''")).append('\''));
    return line.toString();
  }

  private static String said(InnerCalls.Reply reply) {
    JsonNode error = reply.body().path("error");
    String message = error.path("message").asString(error.asString(""));
    return message.isEmpty() ? "status " + reply.status() : message;
  }
}

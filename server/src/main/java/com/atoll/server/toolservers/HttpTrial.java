package com.atoll.server.toolservers;

import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.Ask;
import com.atoll.server.outbound.Outbound;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Speaks to a remote server: greets it, lists its tools, ends the session if it began one. */
final class HttpTrial {
  private static final int LARGEST = 1 << 20;
  private static final int MOST_PAGES = 5;
  private static final String SESSION = "mcp-session-id";

  private final Outbound outbound;
  private final String url;
  private final Map<String, String> headers;
  private final long began = System.nanoTime();

  HttpTrial(Outbound outbound, Spec spec) {
    this.outbound = outbound;
    url = String.valueOf(spec.url());
    headers = headers(spec);
  }

  static Map<String, String> headers(Spec spec) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("User-Agent", "Atoll/0.1");
    all.put("Content-Type", "application/json");
    all.put("Accept", "application/json, text/event-stream");
    spec.headersTemplate()
        .forEach((name, value) -> all.put(name, Rules.filled(value, spec.secrets())));
    spec.secretHeaders()
        .forEach((name, secret) -> all.put(name, spec.secrets().getOrDefault(secret, "")));
    String secret = spec.secrets().getOrDefault(String.valueOf(spec.auth().get("secret")), "");
    switch (String.valueOf(spec.auth().getOrDefault("type", "none"))) {
      case "bearer" -> all.put("Authorization", "Bearer " + secret);
      case "basic" ->
          all.put(
              "Authorization",
              "Basic "
                  + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
      default -> {
        // It needs none.
      }
    }
    return all;
  }

  Trial.Outcome run() {
    Answer first = post(Trial.initialize(), Trial.INITIALIZE);
    JsonNode greeting = Trial.answer(messages(first), Trial.INITIALIZE);
    String refused = refused(first, greeting);
    if (refused != null || greeting == null) {
      return Trial.Outcome.failed(String.valueOf(refused), first.status(), began);
    }
    String session = first.headers().get(SESSION);
    if (session != null && session.matches("[\\x21-\\x7e]{1,1000}")) {
      headers.put("Mcp-Session-Id", session);
    }
    String version = greeting.path("result").path("protocolVersion").asString("");
    headers.put("MCP-Protocol-Version", version.matches("[\\w.-]+") ? version : Trial.VERSION);
    try {
      var _ = post(Trial.initialized(), -1);
      return list(greeting);
    } finally {
      if (headers.containsKey("Mcp-Session-Id")) {
        var _ = outbound.send(new Ask("DELETE", url, headers, new byte[0], 1_000, b -> false));
      }
    }
  }

  private Trial.Outcome list(JsonNode greeting) {
    List<Found.FoundTool> tools = new ArrayList<>();
    String cursor = null;
    for (int page = 0; page < MOST_PAGES; page++) {
      int id = Trial.LIST + page;
      Answer answer = post(Trial.list(id, cursor), id);
      JsonNode list = Trial.answer(messages(answer), id);
      String refused = refused(answer, list);
      if (refused != null || list == null) {
        return Trial.Outcome.failed(String.valueOf(refused), answer.status(), began);
      }
      Trial.add(list, tools);
      cursor = list.path("result").path("nextCursor").asString("");
      if (cursor.isEmpty()) {
        break;
      }
    }
    return new Trial.Outcome(Trial.found(greeting, tools), null, 200, Trial.millis(began));
  }

  private Answer post(String message, int id) {
    byte[] body = message.getBytes(StandardCharsets.UTF_8);
    return outbound.send(
        new Ask(
            "POST",
            url,
            headers,
            body,
            LARGEST,
            beginning -> id >= 0 && Trial.answer(events(beginning), id) != null));
  }

  private static @Nullable String refused(Answer answer, @Nullable JsonNode message) {
    if (answer.error() != null) {
      return answer.error();
    }
    return message == null
        ? "the server did not answer in the Model Context Protocol"
        : Trial.error(message);
  }

  /** The messages of an answer: the body, or the data of its events. */
  private static List<String> messages(Answer answer) {
    String body = answer.body() == null ? "" : answer.body();
    String type = answer.headers().getOrDefault("content-type", "");
    return type.startsWith("text/event-stream") ? events(body) : List.of(body);
  }

  /** The data of the events that are complete. */
  static List<String> events(String stream) {
    List<String> found = new ArrayList<>();
    String[] events = stream.replace("\r\n", "\n").split("\n\n", -1);
    for (int i = 0; i < events.length - 1; i++) {
      StringBuilder data = new StringBuilder();
      events[i]
          .lines()
          .filter(line -> line.startsWith("data:"))
          .forEach(line -> data.append(line.substring("data:".length()).strip()));
      found.add(data.toString());
    }
    return found;
  }
}

package com.atoll.server.toolservers;

import com.atoll.server.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What both kinds of trials say to a server and hear from it. */
final class Trial {
  static final String VERSION = "2025-06-18";
  static final int INITIALIZE = 1;
  static final int LIST = 2;
  private static final int MOST_TOOLS = 500;
  private static final int LONGEST_DESCRIPTION = 1_000;

  private Trial() {}

  /** How a trial ended: what was found, or why nothing was. */
  record Outcome(
      @Nullable Found found, @Nullable String error, @Nullable Integer statusCode, int millis) {
    static Outcome failed(String error, @Nullable Integer status, long began) {
      String clean = error.replaceAll("[\\x00-\\x1f\\x7f]+", " ").strip();
      String cut = clean.length() > 500 ? clean.substring(0, 500) : clean;
      return new Outcome(null, cut, status, Trial.millis(began));
    }

    Views.TestView view(Transport transport) {
      Found known = found == null ? new Found(null, null, null, List.of()) : found;
      return new Views.TestView(
          found != null,
          transport.wire(),
          error,
          statusCode,
          known.serverName(),
          known.serverVersion(),
          known.protocolVersion(),
          known.tools(),
          known.tools().size(),
          millis);
    }
  }

  static int millis(long began) {
    return (int) ((System.nanoTime() - began) / 1_000_000);
  }

  static String initialize() {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("protocolVersion", VERSION);
    params.put("capabilities", Map.of());
    params.put("clientInfo", Map.of("name", "atoll", "version", "0.1.0"));
    return message(INITIALIZE, "initialize", params);
  }

  static String initialized() {
    return message(null, "notifications/initialized", Map.of());
  }

  static String list(int id, @Nullable String cursor) {
    return message(id, "tools/list", cursor == null ? Map.of() : Map.of("cursor", cursor));
  }

  private static String message(@Nullable Integer id, String method, Map<String, Object> params) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("jsonrpc", "2.0");
    if (id != null) {
      message.put("id", id);
    }
    message.put("method", method);
    message.put("params", params);
    return Json.MAPPER.writeValueAsString(message);
  }

  /** The answer to a message among lines of JSON; null when it is not there. */
  static @Nullable JsonNode answer(Iterable<String> lines, int id) {
    for (String line : lines) {
      JsonNode node = json(line);
      if (node != null && node.path("id").asInt(-1) == id) {
        return node;
      }
    }
    return null;
  }

  private static @Nullable JsonNode json(String line) {
    try {
      return line.isBlank() ? null : Json.MAPPER.readTree(line);
    } catch (JacksonException noJson) {
      return null;
    }
  }

  /** Why an answer is an error; null when it is none. */
  static @Nullable String error(JsonNode answer) {
    if (answer.path("result").isObject()) {
      return null;
    }
    String message = answer.path("error").path("message").asString("");
    return message.isEmpty() ? "the server answered no result" : "the server says: " + message;
  }

  static void add(JsonNode list, List<Found.FoundTool> tools) {
    for (JsonNode tool : list.path("result").path("tools")) {
      if (tools.size() < MOST_TOOLS && tool.path("name").isString()) {
        String about = tool.path("description").asString("").replace('\0', '?');
        tools.add(
            new Found.FoundTool(
                tool.path("name").asString().replace('\0', '?'),
                about.isEmpty()
                    ? null
                    : about.substring(0, Math.min(about.length(), LONGEST_DESCRIPTION))));
      }
    }
  }

  static Found found(JsonNode initialized, List<Found.FoundTool> tools) {
    JsonNode result = initialized.path("result");
    JsonNode server = result.path("serverInfo");
    return new Found(
        text(server, "name"),
        text(server, "version"),
        text(result, "protocolVersion"),
        new ArrayList<>(tools));
  }

  private static @Nullable String text(JsonNode node, String field) {
    String text = node.path(field).asString("").replace('\0', '?');
    return text.isEmpty() ? null : text.substring(0, Math.min(text.length(), 200));
  }
}

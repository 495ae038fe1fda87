package com.atoll.server.code;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the program inside says of a cell. A guest may write anything here: it is only read. */
record Answer(
    boolean ok,
    int number,
    @Nullable JsonNode result,
    @Nullable String text,
    List<Cell.Shown> displays,
    Cell.@Nullable Failure error) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_DISPLAYS = 256;
  private static final int MOST_FORMS = 32;

  static Answer read(String base64) {
    try {
      JsonNode tree = JSON.readTree(Base64.getDecoder().decode(base64));
      boolean ok = tree.path("ok").asBoolean(false);
      JsonNode result = tree.get("result");
      return new Answer(
          ok,
          tree.path("number").asInt(0),
          result == null || result.isNull() ? null : result,
          tree.path("text").isString() ? tree.path("text").asString() : null,
          displays(tree.path("displays")),
          ok ? null : failure(tree));
    } catch (JacksonException | IllegalArgumentException nonsense) {
      return new Answer(
          false,
          0,
          null,
          null,
          List.of(),
          failure("BadAnswer", "The context gave no readable answer."));
    }
  }

  private static List<Cell.Shown> displays(JsonNode told) {
    List<Cell.Shown> displays = new ArrayList<>();
    for (JsonNode one : told) {
      Map<String, JsonNode> data = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> form : one.path("data").properties()) {
        data.put(form.getKey(), form.getValue());
      }
      if (displays.size() < MOST_DISPLAYS && data.size() <= MOST_FORMS) {
        displays.add(new Cell.Shown(one.path("value").asBoolean(false), data));
      }
    }
    return displays;
  }

  private static Cell.Failure failure(JsonNode tree) {
    JsonNode error = tree.path("error");
    if (error.isObject()) {
      return new Cell.Failure(
          error.path("name").asString("Error"),
          error.path("value").asString(""),
          error.path("traceback").asString(""));
    }
    return failure("ExitStatus", "The cell ended with " + tree.path("result").asInt(1) + ".");
  }

  static Cell.Failure failure(String name, String value) {
    return new Cell.Failure(name, value, "");
  }
}

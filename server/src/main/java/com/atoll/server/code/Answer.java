package com.atoll.server.code;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the program inside says of a cell. A guest may write anything here: it is only read.
 *
 * @param cut whether the text, the error or something that is shown is not whole
 * @param resultCut whether the result is not
 */
record Answer(
    boolean ok,
    int number,
    @Nullable JsonNode result,
    @Nullable String text,
    List<Cell.Shown> displays,
    Cell.@Nullable Failure error,
    boolean cut,
    boolean resultCut) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_DISPLAYS = 256;
  private static final int MOST_FORMS = 32;

  static Answer read(String base64) {
    try {
      JsonNode tree = JSON.readTree(Base64.getDecoder().decode(base64));
      boolean ok = tree.path("ok").asBoolean(false);
      List<Cell.Shown> displays = new ArrayList<>();
      boolean all = displays(tree.path("displays"), displays);
      JsonNode result = tree.get("result");
      return new Answer(
          ok,
          tree.path("number").asInt(0),
          result == null || result.isNull() ? null : result,
          tree.path("text").isString() ? tree.path("text").asString() : null,
          displays,
          ok ? null : failure(tree),
          !all || tree.path("cut").asBoolean(false),
          tree.path("result_cut").asBoolean(false));
    } catch (JacksonException | IllegalArgumentException nonsense) {
      return new Answer(
          false,
          0,
          null,
          null,
          List.of(),
          failure("BadAnswer", "The context gave no readable answer."),
          false,
          false);
    }
  }

  /** What a message shows, unless that cannot be read. */
  static Optional<Cell.Shown> shown(String base64) {
    try {
      return shown(JSON.readTree(Base64.getDecoder().decode(base64)));
    } catch (JacksonException | IllegalArgumentException nonsense) {
      return Optional.empty();
    }
  }

  private static Optional<Cell.Shown> shown(JsonNode told) {
    int forms = told.path("data").size();
    if (forms == 0 || forms > MOST_FORMS) {
      return Optional.empty();
    }
    Map<String, JsonNode> data = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> form : told.path("data").properties()) {
      data.put(form.getKey(), form.getValue());
    }
    return Optional.of(new Cell.Shown(told.path("value").asBoolean(false), data));
  }

  /** Reads them; false when there are more than are kept. */
  private static boolean displays(JsonNode told, List<Cell.Shown> into) {
    boolean all = true;
    for (JsonNode one : told) {
      Optional<Cell.Shown> shown = into.size() < MOST_DISPLAYS ? shown(one) : Optional.empty();
      shown.ifPresent(into::add);
      all &= shown.isPresent();
    }
    return all;
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

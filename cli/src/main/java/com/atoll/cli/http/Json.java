package com.atoll.cli.http;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON as trees: the command line hands on what the API says and knows few of its fields. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** An empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** An empty array. */
  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /** The text on one line. */
  public static String write(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  /** The text for people and for files: indented. */
  public static String pretty(JsonNode node) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  /** Parses, or answers null when this is no JSON. */
  public static @Nullable JsonNode parse(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node.isMissingNode() ? null : node;
    } catch (JacksonException notJson) {
      return null;
    }
  }

  /** The same with the fields of each object in the order of their names. */
  public static JsonNode sorted(JsonNode json) {
    if (json instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
      ObjectNode out = object();
      fields.forEach(out::set);
      return out;
    }
    if (json instanceof ArrayNode items) {
      ArrayNode out = array();
      items.forEach(item -> out.add(sorted(item)));
      return out;
    }
    return json;
  }

  /** A text field, or the fallback when it is absent or null. */
  public static String text(JsonNode node, String field, String fallback) {
    JsonNode value = node.path(field);
    return value.isMissingNode() || value.isNull() || value.isContainer()
        ? fallback
        : value.asString(fallback);
  }

  /** A text field, empty when it is absent. */
  public static String text(JsonNode node, String field) {
    return text(node, field, "");
  }

  /** The object inside an envelope, or the answer itself when it has none. */
  public static JsonNode unwrap(JsonNode answer) {
    return answer.path("data").isObject() ? answer.path("data") : answer;
  }

  /** The rows of a list answer. */
  public static JsonNode rows(JsonNode answer) {
    if (answer.isArray() || answer.path("data").isArray()) {
      return answer.isArray() ? answer : answer.path("data");
    }
    // Some lists are under the name of what they hold.
    for (JsonNode field : answer) {
      if (field.isArray()) {
        return field;
      }
    }
    return answer.path("data");
  }
}

package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of a body. What is of another kind than its field is an error: a restriction
 * that is not understood must not be none.
 */
final class Asked {
  private Asked() {}

  /** An object, empty when it is not there. */
  static ObjectNode object(JsonNode body, String field) {
    JsonNode value = body.path(field);
    if (isAbsent(value)) {
      return JsonNodeFactory.instance.objectNode();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw malformed(field, "an object");
  }

  /** An object whose values are texts, empty when it is not there. */
  static ObjectNode textsByName(JsonNode body, String field) {
    ObjectNode object = object(body, field);
    for (var entry : object.properties()) {
      if (!entry.getValue().isString()) {
        throw malformed(field + "." + entry.getKey(), "a text");
      }
    }
    return object;
  }

  /** The texts of a list, none when it is not there. */
  static Set<String> texts(JsonNode body, String field) {
    JsonNode value = body.path(field);
    Set<String> texts = new LinkedHashSet<>();
    if (isAbsent(value)) {
      return texts;
    }
    if (!value.isArray()) {
      throw malformed(field, "a list");
    }
    for (JsonNode each : value) {
      if (!each.isString()) {
        throw malformed(field, "a list of texts");
      }
      texts.add(each.asString());
    }
    return texts;
  }

  static boolean flag(JsonNode body, String field, boolean otherwise) {
    JsonNode value = body.path(field);
    if (isAbsent(value)) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw malformed(field, "true or false");
    }
    return value.asBoolean();
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static AtollException malformed(String field, String kind) {
    return AtollException.withMessage(ErrorCode.INVALID_REQUEST, field + " must be " + kind + ".");
  }
}

package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.google.protobuf.ByteString;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the fields of a protobuf message in JSON, whose names come in either of two forms. */
final class Fields {
  private Fields() {}

  static JsonNode of(JsonNode message, String name) {
    JsonNode value = message.path(name);
    return value.isMissingNode() ? message.path(snake(name)) : value;
  }

  static String text(JsonNode message, String name) {
    JsonNode value = of(message, name);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw AtollException.invalid(name, "must be a text");
    }
    return value.asString();
  }

  static @Nullable String textOrNull(JsonNode message, String name) {
    String text = text(message, name);
    return text.isEmpty() ? null : text;
  }

  static boolean flag(JsonNode message, String name, boolean otherwise) {
    return of(message, name).asBoolean(otherwise);
  }

  /** A number from 0 to the greatest of 32 bits; 0 when it is not there. */
  static int number(JsonNode message, String name) {
    JsonNode value = of(message, name);
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    long number =
        value.isString() && value.asString().matches("[0-9]{1,10}")
            ? Long.parseLong(value.asString())
            : value.isIntegralNumber() ? value.asLong(-1) : -1;
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw AtollException.invalid(name, "must be a number that is not negative");
    }
    return (int) number;
  }

  static ByteString bytes(JsonNode message, String name) {
    String text = text(message, name).replace('-', '+').replace('_', '/');
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException malformed) {
      throw AtollException.invalid(name, "must be base64");
    }
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
  }
}

package com.atoll.server.files;

import com.atoll.model.AtollException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Permission bits, as clients write them: "0644", "644", "0o644", or a number. */
final class Modes {
  private static final int ALL = 07777;

  private Modes() {}

  /** The bits; 0 when nothing was said, and the number 0 is what many clients say then. */
  static int of(@Nullable JsonNode mode) {
    if (mode == null || mode.isNull()) {
      return 0;
    }
    return mode.isString() ? of(mode.asString()) : checked(number(mode));
  }

  /** The same, of a query or a field of a form. */
  static int of(@Nullable String mode) {
    if (mode == null || mode.isEmpty()) {
      return 0;
    }
    int bits = checked(octal(mode));
    if (bits == 0) {
      throw AtollException.invalid(
          "mode", "takes every permission away, which only a change of mode does");
    }
    return bits;
  }

  /** The bits, which must be said: 0 takes every permission away. */
  static int required(@Nullable JsonNode mode) {
    if (mode == null || mode.isNull()) {
      throw AtollException.invalid("mode", "is required");
    }
    return checked(mode.isString() ? octal(mode.asString()) : number(mode));
  }

  private static int octal(String text) {
    String digits = text.startsWith("0o") ? text.substring(2) : text;
    return digits.matches("[0-7]{1,5}") ? Integer.parseInt(digits, 8) : -1;
  }

  private static int number(JsonNode mode) {
    return mode.isIntegralNumber() ? mode.asInt(-1) : -1;
  }

  private static int checked(int bits) {
    if (bits < 0 || bits > ALL) {
      throw AtollException.invalid("mode", "must be an octal string such as 0644");
    }
    return bits;
  }
}

package com.atoll.server.files;

import com.atoll.model.AtollException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Permission bits, as clients write them: "0644", "644", "0o644", or a number. */
final class Modes {
  private static final int ALL = 07777;

  private Modes() {}

  /** The bits; 0 when nothing was said. */
  static int of(@Nullable JsonNode mode) {
    if (mode == null || mode.isNull()) {
      return 0;
    }
    int bits = -1;
    if (mode.isString()) {
      String text = mode.asString();
      if (text.isEmpty()) {
        return 0;
      }
      String digits = text.startsWith("0o") ? text.substring(2) : text;
      bits = digits.matches("[0-7]{1,5}") ? Integer.parseInt(digits, 8) : -1;
    } else if (mode.isIntegralNumber()) {
      bits = mode.asInt(-1);
    }
    if (bits < 0 || bits > ALL) {
      throw AtollException.invalid("mode", "must be an octal string such as 0644");
    }
    return bits;
  }
}

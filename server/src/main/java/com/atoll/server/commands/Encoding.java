package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** How output is told: as text, in which what is no UTF-8 becomes U+FFFD, or byte by byte. */
enum Encoding {
  TEXT {
    @Override
    String show(ByteString bytes) {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  },

  BASE64 {
    @Override
    String show(ByteString bytes) {
      return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
  };

  /** The query parameter that chooses. */
  static final String PARAMETER = "encoding";

  /** What it does where whole outputs are answered. */
  static final String OF_TEXTS =
      "base64: all output is base64 of its bytes; else what is no UTF-8 becomes U+FFFD.";

  /** What it does where events are sent. */
  static final String OF_EVENTS =
      "base64: stdout and stderr events have the exact bytes as base64 in the field base64 instead"
          + " of text, and before all of them comes the id of the beginning.";

  /** The one that a caller asks for. */
  static Encoding of(Call call) {
    @Nullable String wanted = call.query(PARAMETER);
    return switch (wanted == null ? "" : wanted) {
      case "", "utf8", "utf-8", "text" -> TEXT;
      case "base64" -> BASE64;
      default -> throw AtollException.of(ErrorCode.INVALID_PARAM, PARAMETER);
    };
  }

  /** A whole output. */
  abstract String show(ByteString bytes);
}

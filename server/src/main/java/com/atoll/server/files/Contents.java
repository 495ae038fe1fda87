package com.atoll.server.files;

import com.atoll.model.AtollException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The content of a file in a JSON body. */
final class Contents {
  private Contents() {}

  /** Bytes as base64, in the standard alphabet, padded or not; nothing else is let through. */
  static byte[] base64(String field, String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException malformed) {
      throw AtollException.invalid(field, "must be base64");
    }
  }

  /** What {@code content_base64} or, as it is, {@code content} holds. */
  static byte[] of(
      @Nullable String contentBase64, @Nullable String content, @Nullable String encoding) {
    if (contentBase64 != null && content != null) {
      throw AtollException.invalid("content", "and content_base64 exclude each other");
    }
    if (contentBase64 != null) {
      return base64("content_base64", contentBase64);
    }
    if (content == null) {
      throw AtollException.invalid("content_base64", "or content is required");
    }
    return switch (encoding == null ? "utf8" : encoding) {
      case "base64" -> base64("content", content);
      case "utf8", "utf-8", "text" -> content.getBytes(StandardCharsets.UTF_8);
      default -> throw AtollException.invalid("encoding", "must be base64 or utf8");
    };
  }
}

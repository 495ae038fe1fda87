package com.atoll.server.outbound;

import com.atoll.model.AtollException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Headers that a customer adds to the messages that are sent to a server of theirs. */
public final class CustomHeaders {
  private static final int LONGEST_VALUE = 1_024;

  /** Headers that belong to the message itself. */
  private static final Set<String> OURS =
      Set.of(
          "host",
          "content-length",
          "content-type",
          "content-encoding",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "proxy-connection",
          "upgrade",
          "te",
          "trailer",
          "expect",
          "accept",
          "user-agent");

  private CustomHeaders() {}

  /** The headers as they were asked for; an error of the field {@code headers}. */
  public static Map<String, String> check(@Nullable Map<String, String> asked) {
    if (asked == null) {
      return Map.of();
    }
    asked.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")) {
        throw AtollException.invalid("headers", "must have names of HTTP");
      }
      if (OURS.contains(lower)
          || lower.startsWith("webhook-")
          || lower.startsWith("x-miosa-")
          || lower.startsWith("miosa-")) {
        throw AtollException.invalid("headers", "must not hold " + name);
      }
      if (value.length() > LONGEST_VALUE || !value.matches("[\\x20-\\x7e\\t]*")) {
        throw AtollException.invalid(
            "headers", "must have values of at most 1024 printable ASCII characters");
      }
    });
    return asked;
  }
}

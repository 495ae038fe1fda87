package com.atoll.server.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the Accept header, as far as the choice between JSON and events goes. */
final class Accept {
  private Accept() {}

  static boolean prefersEvents(@Nullable String accept) {
    if (accept == null) {
      return false;
    }
    double events = -1;
    double json = -1;
    for (String part : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] pieces = part.strip().split(";", -1);
      double quality = quality(pieces);
      switch (pieces[0].strip()) {
        case "text/event-stream" -> events = quality;
        case "application/json" -> json = quality;
        default -> {
          // Says nothing about the choice.
        }
      }
    }
    return events > 0 && events >= json;
  }

  private static double quality(String[] pieces) {
    for (String piece : pieces) {
      String p = piece.strip();
      if (p.startsWith("q=")) {
        try {
          return Double.parseDouble(p.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}

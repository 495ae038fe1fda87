package com.atoll.server.meters;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How far back a series goes, and how far its points are apart. */
enum Window {
  HOUR("1h", Duration.ofHours(1), 15),
  DAY("24h", Duration.ofHours(24), 300),
  WEEK("7d", Duration.ofDays(7), 1800);

  private final String wire;
  private final Duration length;
  private final int stepSeconds;

  Window(String wire, Duration length, int stepSeconds) {
    this.wire = wire;
    this.length = length;
    this.stepSeconds = stepSeconds;
  }

  static Window of(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return HOUR;
    }
    for (Window window : values()) {
      if (window.wire.equals(text)) {
        return window;
      }
    }
    throw AtollException.of(ErrorCode.INVALID_PARAM, "window");
  }

  String wire() {
    return wire;
  }

  int stepSeconds() {
    return stepSeconds;
  }

  Instant begin(Instant now) {
    return now.minus(length);
  }

  /** The place in the ring for a moment. */
  int slot(Instant at) {
    return (int) (at.getEpochSecond() / stepSeconds % (length.toSeconds() / stepSeconds));
  }
}

package com.atoll.edge.gateway;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates as HTTP writes them. */
final class HttpDates {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static volatile Second current = new Second(0, "");

  private record Second(long second, String text) {}

  private HttpDates() {}

  static String format(long epochSecond) {
    return FORMAT.format(Instant.ofEpochSecond(epochSecond));
  }

  static String now() {
    long second = System.currentTimeMillis() / 1_000;
    Second known = current;
    if (known.second() != second) {
      known = new Second(second, format(second));
      current = known;
    }
    return known.text();
  }

  /** Seconds since the epoch, or -1 when this is no such date. */
  static long parse(String text) {
    try {
      return Instant.from(FORMAT.parse(text)).getEpochSecond();
    } catch (DateTimeException malformed) {
      return -1;
    }
  }
}

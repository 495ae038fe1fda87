package com.atoll.server.traffic;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A time up to now, in buckets that begin at whole multiples of their length.
 *
 * @param name how it is asked for
 */
record Window(String name, Instant start, Instant end, Duration bucket) {
  private static final String USUAL = "24h";

  /** The one that is asked for. */
  static Window of(Call call) {
    String asked = call.query("period");
    return of(asked == null || asked.isEmpty() ? USUAL : asked, Instant.now());
  }

  static Window of(String name, Instant now) {
    return switch (name) {
      case "1h" -> of(name, now, 12, Duration.ofMinutes(5));
      case "6h" -> of(name, now, 24, Duration.ofMinutes(15));
      case "24h" -> of(name, now, 24, Duration.ofHours(1));
      case "7d" -> of(name, now, 28, Duration.ofHours(6));
      default -> throw AtollException.of(ErrorCode.INVALID_PARAM, "period");
    };
  }

  private static Window of(String name, Instant now, int buckets, Duration bucket) {
    long seconds = bucket.toSeconds();
    Instant end = Instant.ofEpochSecond((now.getEpochSecond() / seconds + 1) * seconds);
    return new Window(name, end.minusSeconds(seconds * buckets), end, bucket);
  }

  /** When its buckets begin. */
  List<Instant> starts() {
    List<Instant> starts = new ArrayList<>();
    for (Instant at = start; at.isBefore(end); at = at.plus(bucket)) {
      starts.add(at);
    }
    return starts;
  }
}

package com.atoll.server.outbound;

import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended.
 *
 * @param status the receiver's status, or null when it gave none
 * @param body the beginning of what it answered, or null
 * @param error why there is no status, or what is wrong with it; null when all is well
 * @param retryAfter for how many seconds the receiver wants to be left alone
 * @param millis how long it took
 * @param headers what it answered with, by their names in small letters
 */
public record Answer(
    @Nullable Integer status,
    @Nullable String body,
    @Nullable String error,
    OptionalLong retryAfter,
    int millis,
    Map<String, String> headers) {

  /** Nothing was answered. */
  static Answer failed(String error, int millis) {
    return new Answer(null, null, error, OptionalLong.empty(), millis, Map.of());
  }

  /** A receiver whose protocol has no answers took everything. */
  static Answer taken(int millis) {
    return new Answer(200, null, null, OptionalLong.empty(), millis, Map.of());
  }

  /** Whether the receiver took it. */
  public boolean succeeded() {
    return status != null && status / 100 == 2;
  }

  /** Whether a later attempt can end otherwise: a refusal of the receiver is final. */
  public boolean retryable() {
    return status == null || status / 100 == 5 || status == 408 || status == 425 || status == 429;
  }

  /** Whether the receiver says that it is gone for good. */
  public boolean gone() {
    return status != null && status == 410;
  }
}

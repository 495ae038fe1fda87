package com.atoll.cli.sandboxes;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import java.time.Duration;

/** Pauses before a stream is opened again: each is twice the one before, up to a longest one. */
final class Reconnecting {
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private final Duration longest;
  private Duration pause = FIRST;

  Reconnecting(Duration longest) {
    this.longest = longest;
  }

  /** Waits as long as it is time to. */
  void pause() {
    Api.pause(pause);
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(longest) < 0 ? longer : longest;
  }

  /** Something came: the next pause is the first one again. */
  void works() {
    pause = FIRST;
  }

  /** Whether what was refused now may be possible later. */
  static boolean isPassing(ApiException refused) {
    int status = refused.status();
    return status == 0 || status == TOO_MANY || status >= SERVER_ERROR;
  }
}

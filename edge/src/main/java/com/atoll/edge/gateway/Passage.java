package com.atoll.edge.gateway;

import com.atoll.edge.CrashPoint;
import com.atoll.platform.CrashPoints;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A call of the API that creates, publishes or deletes, where a test may end this process. */
enum Passage {
  CREATE("POST .*/sandboxes", CrashPoint.CREATE_FORWARDED, CrashPoint.CREATE_ANSWERED),
  PUBLISH(
      "POST .*/(deployments/[^/]+/publish|sandboxes/[^/]+/deploy)",
      CrashPoint.PUBLISH_FORWARDED,
      CrashPoint.PUBLISH_ANSWERED),
  DELETE("DELETE .*/sandboxes/[^/]+", CrashPoint.DELETE_FORWARDED, CrashPoint.DELETE_ANSWERED),
  DELETE_DEPLOYMENT(
      "DELETE .*/deployments/[^/]+",
      CrashPoint.DELETE_DEPLOYMENT_FORWARDED,
      CrashPoint.DELETE_DEPLOYMENT_ANSWERED);

  private final Pattern line;
  private final CrashPoint forwarded;
  private final CrashPoint answered;

  Passage(String line, CrashPoint forwarded, CrashPoint answered) {
    this.line = Pattern.compile(line);
    this.forwarded = forwarded;
    this.answered = answered;
  }

  /** What a request of the API is; null for any other one, and always outside tests. */
  static @Nullable Passage of(Request request) {
    if (CrashPoints.enabled()) {
      String line = request.method().name() + " " + request.pathOnly();
      for (Passage passage : values()) {
        if (passage.line.matcher(line).matches()) {
          return passage;
        }
      }
    }
    return null;
  }

  /** The whole request is on its way to the server. */
  void forwarded() {
    forwarded.reach();
  }

  /** The server's answer is here. */
  void answered() {
    answered.reach();
  }
}

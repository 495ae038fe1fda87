package com.atoll.server.readiness;

import com.atoll.model.AtollException;
import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** How a caller wants it to be seen that what runs in a sandbox is ready. */
public record ReadinessProbe(
    @Doc("http, tcp or command; default what the other fields are of.") @Nullable String type,
    @Doc(
            value = "Address to GET inside the sandbox, or its path.",
            max = ReadinessProbe.LONGEST_URL)
        @Nullable String url,
    @Doc(value = "Path to GET.", max = ReadinessProbe.LONGEST_URL) @Nullable String path,
    @Doc(value = "Port; default that of the app.", min = 1, max = 65_535) @Nullable Integer port,
    @Doc(value = "Shell line that must succeed.", max = ReadinessProbe.LONGEST_LINE)
        @Nullable String command,
    @Doc(
            value = "Seconds until it must pass; default 60.",
            min = 1,
            max = ReadinessProbe.LONGEST_SECONDS)
        @Nullable Integer timeoutSec) {
  /** Characters of a shell line. */
  public static final int LONGEST_LINE = 65_536;

  /** How long a probe may be waited for. */
  public static final int LONGEST_SECONDS = 3_600;

  static final int LONGEST_URL = 4_096;
  private static final int USUAL_SECONDS = 60;
  private static final int USUAL_PORT = 3_000;

  /** The same, or an error that names the field. */
  public ReadinessProbe checked() {
    var _ = Readiness.of(this, USUAL_PORT);
    within("port", port, 65_535);
    within("timeout_sec", timeoutSec, LONGEST_SECONDS);
    return this;
  }

  /** Whether it runs a command. */
  public boolean runsCommand() {
    return kind().equals("command");
  }

  /** Seconds until it must pass. */
  public int seconds() {
    return timeoutSec == null ? USUAL_SECONDS : timeoutSec;
  }

  /** What it is of when it does not say so. */
  String kind() {
    if (type != null) {
      return type;
    }
    return command != null ? "command" : url != null || path != null ? "http" : "tcp";
  }

  static AtollException invalid(String field, String message) {
    return AtollException.invalid("readiness_probe." + field, message);
  }

  private static void within(String field, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw invalid(field, "must be between 1 and " + most);
    }
  }
}

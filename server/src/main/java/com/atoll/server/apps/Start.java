package com.atoll.server.apps;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Doc;
import com.atoll.server.readiness.ReadinessProbe;
import org.jspecify.annotations.Nullable;

/** Body of a start. */
record Start(
    @Doc("Whether to install first; default when there is something to install.")
        @Nullable Boolean install,
    @Doc(
            value =
                "Shell line that installs; default what the template says for its own app, else"
                    + " what the files say.",
            max = Start.LONGEST_LINE)
        @Nullable String installCommand,
    @Doc(
            value = "Shell line that starts; default what the template says, else the files.",
            max = Start.LONGEST_LINE)
        @Nullable String startCommand,
    @Doc(value = "Seconds for the install; default 300.", min = 1, max = Start.LONGEST_SECONDS)
        @Nullable Integer installTimeoutSec,
    @Doc(
            value = "Seconds until it must be ready; default 60.",
            min = 1,
            max = Start.LONGEST_SECONDS)
        @Nullable Integer startTimeoutSec,
    @Doc(value = "Port, handed to it as PORT; default that of the template.", min = 1, max = 65_535)
        @Nullable Integer port,
    @Doc("Directory of the app; default that of the template.") @Nullable String workdir,
    @Doc("How to see that it is ready; default: something listens on the port.")
        @Nullable ReadinessProbe readinessProbe) {
  static final int LONGEST_LINE = 65_536;
  static final int LONGEST_SECONDS = 3_600;

  /** Where the app is. */
  String directory(String otherwise) {
    String dir = workdir;
    if (dir == null || dir.isEmpty()) {
      return otherwise;
    }
    if (dir.length() > 4096 || dir.indexOf('\0') >= 0 || ("/" + dir + "/").contains("/../")) {
      throw AtollException.of(ErrorCode.INVALID_PATH, "of workdir");
    }
    return dir.startsWith("/") ? dir : "/workspace/" + dir;
  }

  int installSeconds() {
    return installTimeoutSec == null ? 300 : installTimeoutSec;
  }

  int startSeconds() {
    ReadinessProbe probe = readinessProbe;
    Integer own = probe == null ? null : probe.timeoutSec();
    return startTimeoutSec != null ? startTimeoutSec : own != null ? own : 60;
  }
}

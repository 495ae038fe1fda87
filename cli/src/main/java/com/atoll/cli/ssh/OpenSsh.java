package com.atoll.cli.ssh;

import com.atoll.cli.console.Words;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The programs of OpenSSH on this machine. */
final class OpenSsh {
  private final Target target;
  private final Identity identity;

  OpenSsh(Target target, Identity identity) {
    this.target = target;
    this.identity = identity;
  }

  /** Runs ssh on the caller's own streams; answers its exit code. */
  int run(String host, List<String> forwards, List<String> command) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "ssh",
                "-F",
                "none",
                "-i",
                identity.key().toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "UserKnownHostsFile=" + identity.knownHosts(),
                "-o",
                "GlobalKnownHostsFile=none",
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "UpdateHostKeys=no",
                "-o",
                "LogLevel=ERROR",
                "-o",
                "ServerAliveInterval=15",
                "-o",
                "ProxyCommand=" + proxy()));
    forwards.forEach(forward -> line.addAll(List.of("-L", forward)));
    line.add(host);
    if (!command.isEmpty()) {
      line.add(Words.line(command));
    }
    return run(line, Map.of("ATOLL_API_URL", target.url(), "ATOLL_API_KEY", target.key()));
  }

  /** This program again, as the way of the bytes. */
  private static String proxy() {
    String java = System.getProperty("java.home") + "/bin/java";
    return Words.quote(java).replace("%", "%%")
        + " -XX:TieredStopAtLevel=1 -cp "
        + Words.quote(System.getProperty("java.class.path", "")).replace("%", "%%")
        + " com.atoll.cli.Main ssh-proxy %h";
  }

  static int run(List<String> command) {
    return run(command, Map.of());
  }

  private static int run(List<String> command, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.environment().putAll(environment);
      return builder.start().waitFor();
    } catch (IOException missing) {
      throw new ApiException(
          "NO_OPENSSH", "cannot run " + command.getFirst(), "install the client of OpenSSH");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ApiException("INTERRUPTED", "interrupted", null);
    }
  }
}

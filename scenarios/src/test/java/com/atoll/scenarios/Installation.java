package com.atoll.scenarios;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** An installation besides the one under test; removed when closed. */
record Installation(Path launcher, Path home, Host host) implements AutoCloseable {

  /** Puts into a home what must be there before the start. */
  interface Preparation {
    void in(Path home) throws IOException;
  }

  static Installation up(Target first, String settings) throws IOException {
    return up(first, settings, home -> {});
  }

  static Installation up(Target first, String settings, Preparation preparation)
      throws IOException {
    Path home = Files.createTempDirectory(Path.of("/var/lib"), "atoll-other");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(home.resolve("atoll.conf"), settings + "\n");
    preparation.in(home);
    program(first.home(), home);
    Host host =
        new Host(
            first.launcher(), home, Map.of("ATOLL_PORT", freePort(), "ATOLL_TLS_PORT", freePort()));
    Installation made = new Installation(first.launcher(), home, host);
    try {
      host.atoll(1200, "up");
      return made;
    } catch (RuntimeException | Error failed) {
      made.close();
      throw failed;
    }
  }

  /** The same program; training it once more would take longer than the test. */
  private static void program(Path from, Path home) throws IOException {
    String copy =
        """
        cp -a "$1/dist" "$2/dist" && for each in "$2"/dist/*/; do
          rm -rf "$each/cache" && mkdir "$each/cache" && : >"$each/cache/none"; done\
        """;
    try {
      Process process =
          new ProcessBuilder("sh", "-c", copy, "sh", from.toString(), home.toString())
              .inheritIO()
              .start();
      if (process.waitFor() != 0) {
        throw new IOException("the program was not copied to " + home);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException(stopped);
    }
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  /** Its API with the key that its start has made. */
  Api api() throws IOException {
    String key = Files.readString(home.resolve("admin.key")).strip();
    JsonNode status = host.status();
    Target target =
        new Target(
            URI.create(status.path("api_url").asString()),
            key,
            key,
            home,
            status.path("http_port").asInt(),
            launcher);
    return new Api(target, key);
  }

  @Override
  public void close() {
    host.atoll(300, "uninstall", "--purge");
  }
}

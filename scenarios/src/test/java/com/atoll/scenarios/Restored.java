package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A second installation on this machine, for a backup of the first one to be restored to. */
record Restored(Given given, Path folder, Path home, Host host) implements AutoCloseable {
  static Restored place(Given given, String name) throws IOException {
    Path folder = Files.createTempDirectory(Path.of("/var/lib"), name);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path home = folder.resolve("home");
    Map<String, String> ports = Map.of("ATOLL_PORT", freePort(), "ATOLL_TLS_PORT", freePort());
    return new Restored(given, folder, home, new Host(given.target.launcher(), home, ports));
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  /** Starts it; training a new program would take longer than the test. */
  void up() throws IOException {
    try (Stream<Path> dists = Files.list(home.resolve("dist"))) {
      for (Path dist : dists.filter(Files::isDirectory).toList()) {
        Files.writeString(Files.createDirectories(dist.resolve("cache")).resolve("none"), "");
      }
    }
    host.atoll(300, "up");
  }

  /** Its API, which both keys of the first installation open. */
  Api api() throws IOException {
    assertEquals(given.target.key(), Files.readString(home.resolve("admin.key")).strip());
    JsonNode status = host.status();
    Target target =
        new Target(
            URI.create(status.path("api_url").asString()),
            given.target.key(),
            given.target.secondKey(),
            home,
            status.path("http_port").asInt(),
            given.target.launcher());
    assertEquals(200, new Api(target, given.target.secondKey()).get("/sandboxes").status());
    return new Api(target, given.target.key());
  }

  void auditVerifies() throws Exception {
    ProcessBuilder verify =
        new ProcessBuilder(given.target.launcher().toString(), "audit", "verify", "--json");
    verify.environment().put("ATOLL_HOME", home.toString());
    verify.environment().remove("ATOLL_API_URL");
    Process process = verify.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(home.resolve("identity"))) {
      host.atoll(120, "uninstall", "--purge");
    }
    new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
  }
}

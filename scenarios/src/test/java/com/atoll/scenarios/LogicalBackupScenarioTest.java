package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** An installation whose database is kept as rows, and made again in a cluster of its own. */
@Tag("all")
@Timeout(300)
final class LogicalBackupScenarioTest {
  private final Given given = new Given();

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  @Test
  void anInstallationIsMadeAgainOfItsRows() throws Exception {
    Host first = Host.of(given.target);
    Path folder = Files.createTempDirectory(Path.of("/var/lib"), "atoll-logical");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path home = folder.resolve("home");
    Host second =
        new Host(
            given.target.launcher(),
            home,
            Map.of("ATOLL_PORT", freePort(), "ATOLL_TLS_PORT", freePort()));
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    Path file = folder.resolve("backup");
    try (Sandbox sandbox = given.aSandbox().with("env", Map.of("SECRET", "sealed")).running()) {
      sandbox.withFile("/workspace/file", "kept");
      first.atoll(
          120,
          "backup",
          "--logical",
          "--to",
          file.toString(),
          "--passphrase-file",
          passphrase.toString());
      try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
        assertTrue(lines.findFirst().orElse("").contains("\"postgres\":0"), "it says that it is");
      }
      second.atoll(120, "restore", file.toString(), "--passphrase-file", passphrase.toString());
      assertFalse(Files.exists(home.resolve("postgres/data")), "there are no files of PostgreSQL");
      // Training a new program takes longer than the test.
      try (Stream<Path> dists = Files.list(home.resolve("dist"))) {
        for (Path dist : dists.filter(Files::isDirectory).toList()) {
          Files.writeString(Files.createDirectories(dist.resolve("cache")).resolve("none"), "");
        }
      }
      second.atoll(300, "up");
      assertFalse(Files.exists(home.resolve("server/rows")), "the rows are in the database");
      Sandbox restored = new Sandbox(there(second, home), sandbox.id(), sandbox.slug());
      assertEquals("kept", restored.run("cat /workspace/file"));
      assertEquals("sealed", restored.run("echo $SECRET"));
      auditVerifies(home);
    } finally {
      if (Files.exists(home.resolve("identity"))) {
        second.atoll(120, "uninstall", "--purge");
      }
      new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start().waitFor();
    }
  }

  private Api there(Host host, Path home) {
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

  private void auditVerifies(Path home) throws Exception {
    ProcessBuilder verify =
        new ProcessBuilder(given.target.launcher().toString(), "audit", "verify", "--json");
    verify.environment().put("ATOLL_HOME", home.toString());
    verify.environment().remove("ATOLL_API_URL");
    Process process = verify.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }
}

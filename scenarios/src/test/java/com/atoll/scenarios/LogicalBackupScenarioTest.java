package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An installation whose database is kept as rows, and made again in a cluster of its own. */
@Tag("all")
@Timeout(300)
final class LogicalBackupScenarioTest {
  private final Given given = new Given();

  @Test
  void anInstallationIsMadeAgainOfItsRows() throws Exception {
    Host first = Host.of(given.target);
    try (Restored second = Restored.place(given, "atoll-logical");
        Sandbox sandbox = given.aSandbox().with("env", Map.of("SECRET", "sealed")).running()) {
      Path passphrase = Files.writeString(second.folder().resolve("passphrase"), "correct horse\n");
      Path file = second.folder().resolve("backup");
      Path home = second.home();
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
      second
          .host()
          .atoll(120, "restore", file.toString(), "--passphrase-file", passphrase.toString());
      assertFalse(Files.exists(home.resolve("postgres/data")), "there are no files of PostgreSQL");
      second.up();
      assertFalse(Files.exists(home.resolve("server/rows")), "the rows are in the database");
      Sandbox restored = new Sandbox(second.api(), sandbox.id(), sandbox.slug());
      assertEquals("kept", restored.run("cat /workspace/file"));
      assertEquals("sealed", restored.run("echo $SECRET"));
      second.auditVerifies();
    }
  }
}

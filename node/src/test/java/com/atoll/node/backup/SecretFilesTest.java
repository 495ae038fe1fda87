package com.atoll.node.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretFilesTest {
  @TempDir Path home;

  private Path ofRoot(String name, String content) throws IOException {
    Path file = Files.writeString(home.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void whatOnlyRootCanReadIsOneButNotAnEarlierBackup() throws IOException {
    Path clients = ofRoot("oauth.json", "[]");
    ofRoot("yesterday.backup", "atoll-backup {}\n");
    Files.writeString(home.resolve("notes"), "for all");
    assertEquals(List.of(clients), BackupProgram.secretFiles(home));
  }

  @Test
  void oneThatIsTooLargeIsNamedAndNotRead() throws IOException {
    Path dump = ofRoot("dump.sql", "");
    try (RandomAccessFile sparse = new RandomAccessFile(dump.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    IOException refused = assertThrows(IOException.class, () -> BackupProgram.secretFiles(home));
    assertTrue(String.valueOf(refused.getMessage()).contains(dump.toString()));
  }
}

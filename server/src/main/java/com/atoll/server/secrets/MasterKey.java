package com.atoll.server.secrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The key that wraps all data keys. It is made once, readable by the server's user alone. */
final class MasterKey {
  private MasterKey() {}

  static byte[] of(Path file) {
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void create(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh =
        Files.createTempFile(
            folder,
            "master",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(fresh, Sealer.newKey());
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r--------"));
      // A link never replaces: of two that are made at once the first one stands.
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      return;
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}

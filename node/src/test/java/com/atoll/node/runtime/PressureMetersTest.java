package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PressureMetersTest {
  @TempDir private Path folder;

  @BeforeEach
  void make() throws IOException {
    meter("cpu", "rw-rw-rw-");
    meter("memory", "rw-r--r--");
  }

  private void meter(String name, String mode) throws IOException {
    Files.createDirectories(folder.resolve("meters"));
    Path file = Files.createFile(folder.resolve("meters").resolve(name));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(folder.resolve("meters").resolve(name)));
  }

  private PressureMeters meters() {
    return new PressureMeters(folder.resolve("meters"), folder.resolve("note"));
  }

  @Test
  void theyAreClosedAndPutBackAsTheyWere() throws IOException {
    meters().close();
    meters().close();
    assertEquals("rw-r--r--", mode("cpu"));
    assertEquals("rw-r--r--", mode("memory"));
    meters().restore(false);
    assertEquals("rw-rw-rw-", mode("cpu"));
    assertEquals("rw-r--r--", mode("memory"));
    assertFalse(Files.exists(folder.resolve("note")));
  }

  @Test
  void theyStayClosedForAnotherInstallation() throws IOException {
    meters().close();
    meters().restore(true);
    assertEquals("rw-r--r--", mode("cpu"));
  }

  @Test
  void aKernelWithoutThemIsNoError() throws IOException {
    PressureMeters none = new PressureMeters(folder.resolve("none"), folder.resolve("note"));
    none.close();
    none.restore(false);
    assertFalse(Files.exists(folder.resolve("note")));
  }
}

package com.atoll.node.runtime;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kernel that ends while somebody copies what it has on disk spoils no copy. */
final class GvisorControlTest {
  @TempDir private Path folder;

  private GvisorControl saying(String complaint) throws IOException {
    Path runsc = folder.resolve("runsc");
    Files.writeString(runsc, "#!/bin/sh\necho '" + complaint + "'\nexit 128\n");
    Files.setPosixFilePermissions(runsc, PosixFilePermissions.fromString("rwx------"));
    return new GvisorControl(runsc, folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resuming container \"m\": connecting to control server at PID 7: connection refused",
        "pausing container \"m\": EOF",
        "cannot pause container \"m\" in state stopped",
      })
  void oneThatHasEndedStandsStill(String complaint) throws IOException {
    GvisorControl control = saying(complaint);
    control.pause("m");
  }

  @Test
  void nothingOfOneThatHasEndedHasToGoOn() throws IOException {
    saying("resuming container: connecting to control server at PID 7: connection refused")
        .resume("m");
  }

  @Test
  void anyOtherComplaintIsOne() throws IOException {
    GvisorControl control = saying("pausing container: operation not permitted");
    assertThrows(UncheckedIOException.class, () -> control.pause("m"));
    assertThrows(UncheckedIOException.class, () -> control.resume("m"));
  }

  @Test
  void whatHasEndedIsNotWritten() throws IOException {
    GvisorControl control = saying("connecting to control server at PID 7: connection refused");
    assertThrows(UncheckedIOException.class, () -> control.checkpoint("m", folder));
  }
}

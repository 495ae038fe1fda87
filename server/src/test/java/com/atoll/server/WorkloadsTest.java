package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkloadsTest {
  @Test
  void declarationsOfSandboxesKeepTheRules(@TempDir Path home) {
    Installation installation =
        new Installation(
            "test",
            home,
            home,
            home,
            8080,
            8443,
            List.of("127.0.0.1"),
            "localhost",
            "http",
            0,
            0,
            0,
            0,
            "10.7.0.0/16",
            "169.254.1.1",
            5353,
            2_000_000_000L,
            16_777_216L,
            1,
            null,
            1,
            List.of(),
            List.of(),
            1024,
            false);
    try (Platform platform = new Platform(installation)) {
      assertTrue(platform.registry().operations().size() > 100);
    }
  }
}

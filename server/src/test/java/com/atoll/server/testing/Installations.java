package com.atoll.server.testing;

import com.atoll.platform.Installation;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Installations for tests. */
public final class Installations {
  private Installations() {}

  /** An installation in these folders. */
  public static Installation in(Path home, Path run) {
    return in(home, run, null, true);
  }

  /** The same installation with an external database. */
  public static Installation external(Installation own, String url) {
    return in(own.home(), own.run(), url, true);
  }

  /** The same installation, which routes custom domains without a proof. */
  public static Installation trusting(Installation own) {
    return in(own.home(), own.run(), null, false);
  }

  private static Installation in(
      Path home, Path run, @Nullable String databaseUrl, boolean domainProof) {
    return new Installation(
        "test",
        home,
        run,
        home.resolve("dist"),
        8080,
        8443,
        List.of("127.0.0.1"),
        "localhost",
        "http",
        0,
        0,
        65534,
        0,
        "10.200.0.0/16",
        "169.254.77.1",
        5353,
        1_900_000_000L,
        16_777_216L,
        77,
        databaseUrl,
        0,
        List.of("10.0.0.0/8"),
        List.of("10.7.0.0/16"),
        1024,
        false,
        List.of("docker.io"),
        true,
        List.of("127.0.0.0/8"),
        null,
        null,
        null,
        null,
        domainProof,
        null);
  }
}

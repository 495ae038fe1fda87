package com.atoll.bench;

import com.atoll.platform.Installation;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The running installation that is measured.
 *
 * @param scale share of the usual number of repetitions, 1 for all
 */
record Setup(Api api, Installation installation, double scale) {
  private static final long REST_MS = 4_000;

  /** The installation of this file, reached at the address and with the key of the environment. */
  static Setup of(Path file) {
    return new Setup(
        new Api(need("ATOLL_API_URL"), need("ATOLL_API_KEY")),
        Installation.read(file),
        Double.parseDouble(Objects.requireNonNullElse(System.getenv("ATOLL_BENCH_SCALE"), "1")));
  }

  Path home() {
    return installation.home();
  }

  int count(int usual) {
    return Math.max(3, (int) (usual * scale));
  }

  /**
   * A pause after which the machine is as quiet as before: what was deleted is cleared away, and as
   * many wait warm.
   */
  void rest() throws InterruptedException {
    Stop.check();
    Thread.sleep(Math.round(REST_MS * Math.min(scale, 1)));
  }

  private static String need(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new IllegalStateException(name + " is not set: run this through `atoll bench`");
    }
    return value;
  }
}

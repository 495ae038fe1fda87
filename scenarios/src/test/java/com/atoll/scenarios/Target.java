package com.atoll.scenarios;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;

/** The installation under test, as the environment names it. */
record Target(URI api, String key, String secondKey, Path home, int httpPort, Path launcher) {

  static Target fromEnvironment() {
    return new Target(
        URI.create(need("ATOLL_TEST_API_URL")),
        need("ATOLL_TEST_API_KEY"),
        need("ATOLL_TEST_API_KEY2"),
        Path.of(need("ATOLL_TEST_HOME")),
        Integer.parseInt(need("ATOLL_TEST_HTTP_PORT")),
        Path.of(need("ATOLL_TEST_LAUNCHER")));
  }

  /** The gateway, whatever host is named. */
  Target door() {
    return new Target(
        URI.create("http://127.0.0.1:" + httpPort), key, secondKey, home, httpPort, launcher);
  }

  private static String need(String name) {
    return Objects.requireNonNull(System.getenv(name), name + " is not set");
  }
}

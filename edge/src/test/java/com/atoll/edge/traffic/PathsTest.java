package com.atoll.edge.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathsTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/users/42, /users/:id",
    "/users/42/photos/7, /users/:id/photos/:id",
    "/o/018f3c2e-9a4b-7c1d-8e2f-0a1b2c3d4e5f/x, /o/:id/x",
    "/v1/items, /v1/items",
    "/assets/main.4f9a2c71.js, /assets/main.4f9a2c71.js",
    "/deadbeef00, /:id",
    "/decade, /decade",
    "/s/dep_01jdx8k4q2v9w3r5t7y0, /s/:id",
    "/a/b/c/d/e/f/g/h/i/j, /a/b/c/d/e/f/g/h/*",
    "/a//b/, /a//b/",
    "*, /*"
  })
  void whatLooksLikeAnIdIsOneLikeTheOther(String path, String group) {
    assertEquals(group, Paths.group(path));
  }
}

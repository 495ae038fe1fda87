package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "/v1/models, /v1/models, true",
    "/v1/models, /v1/models/, false",
    "/v1/*, /v1/models, true",
    "/v1/*, /v1/, true",
    "/v1/*, /v1/models/one, false",
    "/v1/*/files, /v1/a/files, true",
    "/v1/*/files, /v1/a/b/files, false",
    "/v1/**, /v1/a/b/c, true",
    "/v1/**, /v2/a, false",
    "/**/files, /a/b/files, true",
    "/**/files, /a/b/files/x, false",
    "/**/x*/y, /a/xb/q/xc/y, true",
    "/a*b*c, /aXbYbc, true",
    "/a*b*c, /a/bc, false",
    "/**, /, true"
  })
  void aPatternFitsWholePaths(String pattern, String path, boolean fits) {
    assertEquals(fits, Glob.matches(pattern, path));
  }

  @Test
  void aHostilePatternIsNoWork() {
    String pattern = "/**a".repeat(100);
    String path = "/a".repeat(2_000) + "b";
    Assertions.assertTimeout(Duration.ofSeconds(1), () -> assertFalse(Glob.matches(pattern, path)));
  }
}

package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

final class AuditSumsTest {
  @Test
  void onePathIsItsOwnPattern() {
    assertEquals("/v1/x", AuditSums.glob("/v1/x", "/v1/x"));
  }

  @Test
  void severalPathsAreTheFolderThatTheyHaveInCommon() {
    assertEquals("/v1/**", AuditSums.glob("/v1/a", "/v1/b/c"));
    assertEquals("/v1/**", AuditSums.glob("/v1/ab", "/v1/abc"));
  }

  @Test
  void pathsWithNothingInCommonAreEveryPath() {
    assertNull(AuditSums.glob("/a", "/b"));
    assertNull(AuditSums.glob(null, null));
    assertNull(AuditSums.glob("*", "*"));
  }

  @Test
  void noPartOfAPathIsTakenForAPattern() {
    assertEquals("/a/**", AuditSums.glob("/a/*", "/a/*"));
    assertEquals("/a/**", AuditSums.glob("/a/ü", "/a/ü"));
    assertEquals("/a/**", AuditSums.glob("/a/../b", "/a/../b"));
    assertEquals("/a/**", AuditSums.glob("/a/..", "/a/.."));
    assertEquals("/a/**", AuditSums.glob("/a/100%25/b", "/a/100%25/c"));
    assertEquals("/a/b%2Fc/**", AuditSums.glob("/a/b%2Fc/d", "/a/b%2Fc/e"));
    String longest = "/a/" + "b".repeat(509);
    assertEquals("/a/**", AuditSums.glob(longest, longest));
  }
}

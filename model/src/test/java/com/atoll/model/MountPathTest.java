package com.atoll.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MountPathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"/data", "/workspace", "/mnt/a b", "/home/x", "/var/lib/db", "/...", "/ü/日本"})
  void aPlainDirectoryIsFine(String path) {
    assertEquals(Optional.empty(), MountPath.problem(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "data",
        "//",
        "/a//b",
        "/a/",
        "/a/./b",
        "/a/../etc",
        "/..",
        "/a\nb",
        "/a\0b",
        "/proc",
        "/proc/self",
        "/sys/fs",
        "/dev/.atoll",
        "/etc/ssl",
        "/usr",
        "/run/x",
        "/tmp"
      })
  void whatLeadsElsewhereOrBreaksTheSystemIsRefused(String path) {
    assertTrue(MountPath.problem(path).isPresent(), path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/data/", "/data"})
  void aSlashAtTheEndMeansNothing(String path) {
    assertEquals("/data", MountPath.normal(path));
    assertEquals("/", MountPath.normal("/"));
  }
}

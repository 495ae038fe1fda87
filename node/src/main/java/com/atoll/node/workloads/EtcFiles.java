package com.atoll.node.workloads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The files below {@code /etc} that name a machine and its resolver. */
final class EtcFiles {
  private EtcFiles() {}

  /**
   * Writes them into the upper directory of a tree that was just made. Never into one that a
   * workload has used: there {@code etc} may be a link to anywhere.
   */
  static void write(Path upper, String hostname, String resolver) {
    try {
      Path etc =
          Files.createDirectory(
              upper.resolve("etc"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      Files.setPosixFilePermissions(etc, PosixFilePermissions.fromString("rwxr-xr-x"));
      write(etc.resolve("hostname"), hostname + "\n");
      write(etc.resolve("hosts"), hosts(hostname));
      write(etc.resolve("resolv.conf"), "nameserver " + resolver + "\noptions timeout:5\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + upper, e);
    }
  }

  static String hosts(String hostname) {
    return "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 "
        + hostname
        + "\n";
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }
}

package com.atoll.cli.tar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** The nine permission bits of a file. */
public final class Permissions {
  private Permissions() {}

  /** Those of what is at the path itself. */
  public static int of(Path path) throws IOException {
    Set<PosixFilePermission> given = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    int bits = 0;
    for (PosixFilePermission one : given) {
      bits |= bit(one);
    }
    return bits;
  }

  /** Gives them; other bits are ignored. */
  public static void set(Path path, int mode) throws IOException {
    Set<PosixFilePermission> wanted = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission one : PosixFilePermission.values()) {
      if ((mode & bit(one)) != 0) {
        wanted.add(one);
      }
    }
    Files.setPosixFilePermissions(path, wanted);
  }

  private static int bit(PosixFilePermission one) {
    return switch (one) {
      case OWNER_READ -> 0400;
      case OWNER_WRITE -> 0200;
      case OWNER_EXECUTE -> 0100;
      case GROUP_READ -> 040;
      case GROUP_WRITE -> 020;
      case GROUP_EXECUTE -> 010;
      case OTHERS_READ -> 04;
      case OTHERS_WRITE -> 02;
      case OTHERS_EXECUTE -> 01;
    };
  }
}

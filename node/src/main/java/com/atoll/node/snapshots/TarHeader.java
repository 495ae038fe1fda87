package com.atoll.node.snapshots;

import com.atoll.node.guest.FileInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Headers of the tar format of POSIX.1-2001: ustar, and extended records where that is too small.
 */
final class TarHeader {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final long LARGEST_SIZE = (1L << 33) - 1;
  private static final int LARGEST_ID = (1 << 21) - 1;

  private TarHeader() {}

  /** The header of an entry, with its extended one before it when it needs that. */
  static byte[] of(String name, FileInfo info) {
    byte[] path = bytes(name);
    byte[] link = bytes(info.linkTarget());
    ByteArrayOutputStream extended = new ByteArrayOutputStream();
    if (path.length > NAME) {
      extended.writeBytes(record("path", path));
    }
    if (link.length > NAME) {
      extended.writeBytes(record("linkpath", link));
    }
    if (info.size() > LARGEST_SIZE) {
      extended.writeBytes(record("size", bytes(Long.toString(info.size()))));
    }
    if (info.uid() > LARGEST_ID || info.gid() > LARGEST_ID) {
      extended.writeBytes(record("uid", bytes(Integer.toString(info.uid()))));
      extended.writeBytes(record("gid", bytes(Integer.toString(info.gid()))));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    if (extended.size() > 0) {
      byte[] none = new byte[0];
      all.writeBytes(block(bytes("extended"), none, 'x', 0644, 0, 0, extended.size(), 0));
      all.writeBytes(extended.toByteArray());
      all.writeBytes(padding(extended.size()));
    }
    char type =
        switch (info.type()) {
          case FILE -> '0';
          case SYMLINK -> '2';
          case DIRECTORY -> '5';
          case SPECIAL -> throw new IllegalArgumentException("special files have no header");
        };
    all.writeBytes(
        block(
            path,
            link,
            type,
            info.mode(),
            Math.min(info.uid(), LARGEST_ID),
            Math.min(info.gid(), LARGEST_ID),
            Math.min(info.size(), LARGEST_SIZE),
            Math.clamp(info.modifiedUnixMs() / 1000, 0, LARGEST_SIZE)));
    return all.toByteArray();
  }

  /** What fills the last block of this many bytes. */
  static byte[] padding(long size) {
    return new byte[(int) (-size & (BLOCK - 1))];
  }

  /** The end of an archive. */
  static byte[] end() {
    return new byte[2 * BLOCK];
  }

  private static byte[] block(
      byte[] path, byte[] link, char type, int mode, int uid, int gid, long size, long time) {
    byte[] block = new byte[BLOCK];
    put(block, 0, Arrays.copyOf(path, Math.min(path.length, NAME)));
    put(block, 100, octal(mode, 7));
    put(block, 108, octal(uid, 7));
    put(block, 116, octal(gid, 7));
    put(block, 124, octal(size, 11));
    put(block, 136, octal(time, 11));
    put(block, 148, bytes("        "));
    block[156] = (byte) type;
    put(block, 157, Arrays.copyOf(link, Math.min(link.length, NAME)));
    put(block, 257, bytes("ustar\00000"));
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, octal(sum, 6));
    block[154] = 0;
    return block;
  }

  /** A line of an extended header, whose length counts itself. */
  private static byte[] record(String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + 1;
    while (Integer.toString(length).length() + rest != length) {
      length = rest + Integer.toString(length).length();
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(bytes(length + " " + key + "="));
    line.writeBytes(value);
    line.write('\n');
    return line.toByteArray();
  }

  private static byte[] octal(long value, int digits) {
    String text = Long.toOctalString(value);
    return bytes("0".repeat(digits - text.length()) + text);
  }

  private static void put(byte[] block, int at, byte[] value) {
    System.arraycopy(value, 0, block, at, value.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package com.atoll.cli.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What entries of an archive say of the entry behind them: GNU's long names, and those of PAX. */
final class Announced {
  private static final int LONGEST_NAME = 4096;
  private static final int LONGEST_PAX = 1 << 20;

  private String name = "";
  private String link = "";
  private long size = -1;

  /** Whether an entry of this type is one of those. */
  static boolean is(char type) {
    return type == 'L' || type == 'K' || type == 'x' || type == 'g';
  }

  /** How long one of this type may be. */
  static int longest(char type) {
    return type == 'L' || type == 'K' ? LONGEST_NAME : LONGEST_PAX;
  }

  void read(char type, byte[] content) throws IOException {
    switch (type) {
      case 'L' -> name = text(content);
      case 'K' -> link = text(content);
      case 'x' -> pax(content);
      // What holds for all that follows names neither files nor sizes.
      default -> {}
    }
  }

  private void pax(byte[] content) throws IOException {
    int at = 0;
    while (at < content.length) {
      int space = at;
      while (space < content.length && content[space] != ' ') {
        space++;
      }
      // A record begins with its own length, which counts all of it.
      int length = (int) number(new String(content, at, space - at, StandardCharsets.UTF_8));
      if (length <= space + 2 - at || length > content.length - at) {
        throw new IOException("not a tar archive");
      }
      String record =
          new String(content, space + 1, at + length - space - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals < 0) {
        throw new IOException("not a tar archive");
      }
      say(record.substring(0, equals), record.substring(equals + 1));
      at += length;
    }
  }

  private void say(String key, String value) throws IOException {
    switch (key) {
      case "path" -> name = value;
      case "linkpath" -> link = value;
      case "size" -> size = number(value);
      default -> {}
    }
  }

  private static long number(String digits) throws IOException {
    if (!digits.matches("[0-9]{1,18}")) {
      throw new IOException("not a tar archive");
    }
    return Long.parseLong(digits);
  }

  private static String text(byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    return new String(content, 0, end, StandardCharsets.UTF_8);
  }

  String name(String otherwise) {
    return name.isEmpty() ? otherwise : name;
  }

  String link(String otherwise) {
    return link.isEmpty() ? otherwise : link;
  }

  long size(long otherwise) {
    return size < 0 ? otherwise : size;
  }
}

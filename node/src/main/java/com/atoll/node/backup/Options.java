package com.atoll.node.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the launcher gave a program: {@code --name value} pairs, and words after {@code --}. */
record Options(Map<String, String> values, List<String> rest) {
  private static final int LONGEST_PASSPHRASE = 1024;

  static Options of(String[] arguments) {
    Map<String, String> values = new HashMap<>();
    List<String> words = List.of(arguments);
    int end = words.indexOf("--");
    List<String> pairs = end < 0 ? words : words.subList(0, end);
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      values.put(pairs.get(i), pairs.get(i + 1));
    }
    List<String> rest = end < 0 ? List.of() : words.subList(end + 1, words.size());
    return new Options(Map.copyOf(values), new ArrayList<>(rest));
  }

  String get(String name) {
    String value = find(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is required");
    }
    return value;
  }

  @Nullable String find(String name) {
    return values.get(name);
  }

  /** The first line of a file, without its end. */
  static byte[] passphrase(String file) throws IOException {
    byte[] all;
    try (var in = Files.newInputStream(Path.of(file))) {
      all = in.readNBytes(LONGEST_PASSPHRASE + 2);
    }
    int length = 0;
    while (length < all.length && all[length] != '\n' && all[length] != '\r') {
      length++;
    }
    if (length == 0 || length > LONGEST_PASSPHRASE) {
      throw new IOException("a passphrase is a line of 1 to " + LONGEST_PASSPHRASE + " bytes");
    }
    return Arrays.copyOf(all, length);
  }
}

package com.atoll.cli.console;

import java.util.List;
import java.util.stream.Collectors;

/** Command words on their way to a shell. */
public final class Words {
  private Words() {}

  /** One word is a shell line as it stands; several are quoted each. */
  public static String line(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : words.stream().map(Words::quote).collect(Collectors.joining(" "));
  }

  /** The word, safe in a shell line. */
  public static String quote(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}

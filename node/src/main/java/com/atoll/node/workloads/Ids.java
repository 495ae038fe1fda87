package com.atoll.node.workloads;

import java.security.SecureRandom;

/** Names that the node gives to what it makes: never those of a caller. */
final class Ids {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  static String machine() {
    return "m-" + word();
  }

  static String tree() {
    return "t-" + word();
  }

  private static String word() {
    StringBuilder word = new StringBuilder(16);
    for (int i = 0; i < 16; i++) {
      word.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return word.toString();
  }
}

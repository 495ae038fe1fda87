package com.atoll.server.commands;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts text so that an event that carries it three times stays below 64 KiB, whatever JSON makes of
 * its characters: clients drop longer frames.
 */
final class Frames {
  private static final int BUDGET = 20_000;

  private Frames() {}

  static List<String> cut(String text) {
    List<String> pieces = new ArrayList<>();
    int start = 0;
    int cost = 0;
    int at = 0;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      int price = price(character);
      if (cost + price > BUDGET) {
        pieces.add(text.substring(start, at));
        start = at;
        cost = 0;
      }
      cost += price;
      at += Character.charCount(character);
    }
    if (start < text.length()) {
      pieces.add(text.substring(start));
    }
    return pieces;
  }

  private static int price(int character) {
    if (character < 0x20 || character == 0x7f) {
      return 6;
    }
    if (character == '"' || character == '\\') {
      return 2;
    }
    return character < 0x80 ? 1 : 12;
  }
}

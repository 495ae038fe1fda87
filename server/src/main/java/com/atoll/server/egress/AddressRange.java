package com.atoll.server.egress;

import com.atoll.model.AtollException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses of IPv4 from one to another, as rules name them.
 *
 * @param first the first one, as a number
 * @param last the last one
 */
record AddressRange(long first, long last) {
  private static final Pattern TEXT =
      Pattern.compile(
          "([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})(?:/([0-9]{1,2}))?");

  private static final Pattern V4 = Pattern.compile("[0-9./]+");
  private static final Pattern V6 =
      Pattern.compile("\\[?[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\\]?(?:/[0-9]*)?");

  /** Whether a text names addresses rather than hosts: then it must be a range. */
  static boolean isMeant(String text) {
    return V4.matcher(text).matches() || V6.matcher(text).matches();
  }

  /** Whether a destination of a rule, as it is stored, is a range. */
  static boolean isStored(String host) {
    return host.indexOf('/') >= 0;
  }

  /** The range of an address, or of an address and the length of its prefix. */
  static AddressRange of(String field, String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      throw wrong(field);
    }
    long address = 0;
    for (int i = 1; i <= 4; i++) {
      int part = Integer.parseInt(found.group(i));
      // Servers that read a leading zero as octal would mean another address.
      if (part > 255 || (found.group(i).length() > 1 && found.group(i).startsWith("0"))) {
        throw wrong(field);
      }
      address = address << 8 | part;
    }
    String length = found.group(5);
    int bits = length == null ? 32 : Integer.parseInt(length);
    if (bits > 32) {
      throw wrong(field);
    }
    long size = 1L << (32 - bits);
    long first = address / size * size;
    return new AddressRange(first, first + size - 1);
  }

  private static AtollException wrong(String field) {
    return AtollException.invalid(
        field, "must be an IPv4 address like 192.0.2.7 or a range like 192.0.2.0/24");
  }

  boolean contains(long address) {
    return first <= address && address <= last;
  }

  /** How many leading bits its addresses share. */
  int prefix() {
    return 32 - Long.numberOfTrailingZeros(last - first + 1);
  }

  /** As it is stored: the first address and the length of the prefix. */
  String text() {
    return dotted(first) + "/" + prefix();
  }

  private static String dotted(long address) {
    return (address >> 24 & 255)
        + "."
        + (address >> 16 & 255)
        + "."
        + (address >> 8 & 255)
        + "."
        + (address & 255);
  }

  /**
   * The addresses that rules, asked in their order, allow or deny, as intervals none of which meets
   * another one. A rule for every host ends the list: what follows it is never asked.
   */
  static List<String> intervals(List<Rule> rules, boolean allowed) {
    List<Rule> asked = new ArrayList<>();
    // Where a rule's range begins, and where it is over: between two of these points nothing
    // changes.
    TreeMap<Long, List<Integer>> turns = new TreeMap<>();
    for (Rule rule : rules) {
      if (rule.isForEverything()) {
        break;
      }
      if (isStored(rule.host())) {
        AddressRange range = of("host", rule.host());
        turns.computeIfAbsent(range.first(), at -> new ArrayList<>()).add(asked.size());
        turns.computeIfAbsent(range.last() + 1, at -> new ArrayList<>()).add(asked.size());
        asked.add(rule);
      }
    }
    List<AddressRange> found = new ArrayList<>();
    TreeSet<Integer> here = new TreeSet<>();
    long begin = -1;
    for (Map.Entry<Long, List<Integer>> turn : turns.entrySet()) {
      if (begin >= 0) {
        add(found, new AddressRange(begin, turn.getKey() - 1));
      }
      for (Integer rule : turn.getValue()) {
        if (!here.remove(rule)) {
          here.add(rule);
        }
      }
      boolean holds = !here.isEmpty() && asked.get(here.first()).allow() == allowed;
      begin = holds ? turn.getKey() : -1;
    }
    return found.stream()
        .map(range ->
            range.first() == range.last()
                ? dotted(range.first())
                : dotted(range.first()) + "-" + dotted(range.last()))
        .toList();
  }

  private static void add(List<AddressRange> found, AddressRange next) {
    if (!found.isEmpty() && found.getLast().last() + 1 == next.first()) {
      found.set(found.size() - 1, new AddressRange(found.getLast().first(), next.last()));
    } else {
      found.add(next);
    }
  }
}

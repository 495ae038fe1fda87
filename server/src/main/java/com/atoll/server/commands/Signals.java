package com.atoll.server.commands;

import com.atoll.model.AtollException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Signals by name and by number, as Linux numbers them. */
final class Signals {
  private static final int LAST = 64;
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ABRT", 6),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("CHLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("WINCH", 28));

  private Signals() {}

  /** The number of a signal; SIGTERM when none is named. */
  static int number(@Nullable JsonNode signal) {
    if (signal == null || signal.isNull()) {
      return 15;
    }
    String name = signal.asString("").toUpperCase(Locale.ROOT);
    if (name.matches("[0-9]{1,2}")) {
      int number = Integer.parseInt(name);
      if (number >= 1 && number <= LAST) {
        return number;
      }
    }
    Integer number = NUMBERS.get(name.startsWith("SIG") ? name.substring(3) : name);
    if (number == null) {
      throw AtollException.invalid("signal", "is not the name or the number of a signal");
    }
    return number;
  }
}

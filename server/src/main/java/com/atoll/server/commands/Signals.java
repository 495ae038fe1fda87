package com.atoll.server.commands;

import com.atoll.model.AtollException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
          Map.entry("ILL", 4),
          Map.entry("TRAP", 5),
          Map.entry("ABRT", 6),
          Map.entry("IOT", 6),
          Map.entry("BUS", 7),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("STKFLT", 16),
          Map.entry("CHLD", 17),
          Map.entry("CLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("XCPU", 24),
          Map.entry("XFSZ", 25),
          Map.entry("VTALRM", 26),
          Map.entry("PROF", 27),
          Map.entry("WINCH", 28),
          Map.entry("IO", 29),
          Map.entry("POLL", 29),
          Map.entry("PWR", 30),
          Map.entry("SYS", 31),
          Map.entry("RTMIN", 34),
          Map.entry("RTMAX", 64));

  /** Signals that are sent to end a process, not to tell it something. */
  private static final Set<Integer> ENDING = Set.of(1, 2, 3, 6, 9, 15);

  private Signals() {}

  /** Whether who sends this signal wants the process to end. */
  static boolean end(int signal) {
    return ENDING.contains(signal);
  }

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

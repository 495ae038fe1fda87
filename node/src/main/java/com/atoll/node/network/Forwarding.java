package com.atoll.node.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Lets answers from outside come in through the interfaces of the default routes. What was off
 * before is noted in a file, so that the last installation that goes can put it back.
 */
final class Forwarding {
  private static final Path INTERFACES = Path.of("/proc/sys/net/ipv4/conf");
  private final Path note;

  Forwarding(Path note) {
    this.note = note;
  }

  void enable() throws IOException {
    Set<String> changed = new TreeSet<>(noted());
    for (String uplink : uplinks()) {
      Path setting = INTERFACES.resolve(uplink).resolve("forwarding");
      if (Files.exists(setting) && Files.readAllLines(setting).equals(List.of("0"))) {
        changed.add(uplink);
        Files.write(note, changed);
        Files.writeString(setting, "1");
      }
    }
  }

  /** Puts it back, unless another installation still needs it. */
  void restore(String ownPrefix) throws IOException {
    if (!othersExist(ownPrefix)) {
      for (String uplink : noted()) {
        Path setting = INTERFACES.resolve(uplink).resolve("forwarding");
        if (Files.exists(setting)) {
          Files.writeString(setting, "0");
        }
      }
    }
    Files.deleteIfExists(note);
  }

  private List<String> noted() throws IOException {
    return Files.exists(note) ? Files.readAllLines(note) : List.of();
  }

  private static Set<String> uplinks() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/net/route"))) {
      String[] fields = line.split("\t", -1);
      if (fields.length > 7 && fields[1].equals("00000000") && fields[7].equals("00000000")) {
        names.add(fields[0]);
      }
    }
    return names;
  }

  static boolean othersExist(String ownPrefix) throws IOException {
    try (Stream<Path> interfaces = Files.list(INTERFACES)) {
      return interfaces
          .map(path -> path.getFileName().toString())
          .anyMatch(name -> name.matches("[a-z0-9]{4}h[0-9]{1,5}") && !name.startsWith(ownPrefix));
    }
  }
}

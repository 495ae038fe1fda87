package com.atoll.edge.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names that the machine knows from its own list. Loopback entries mean the machine: not told. */
final class HostsFile {
  private static final int LARGEST = 1 << 20;

  private final Path file;
  private final @Nullable HostsFile next;
  private FileTime readAt = FileTime.fromMillis(-1);
  private Map<String, List<Inet4Address>> names = Map.of();

  HostsFile(Path file) {
    this.file = file;
    this.next = null;
  }

  /** A list, and another one for the names that it does not have. */
  HostsFile(Path file, Path otherwise) {
    this.file = file;
    this.next = new HostsFile(otherwise);
  }

  synchronized List<Inet4Address> find(String name) {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(readAt)) {
        names = Files.size(file) > LARGEST ? Map.of() : parse(Files.readString(file));
        readAt = changed;
      }
    } catch (IOException unreadable) {
      names = Map.of();
    }
    List<Inet4Address> found = names.getOrDefault(name, List.of());
    return found.isEmpty() && next != null ? next.find(name) : found;
  }

  private static Map<String, List<Inet4Address>> parse(String text) {
    Map<String, List<Inet4Address>> names = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int comment = line.indexOf('#');
      String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
      if (words.length < 2) {
        continue;
      }
      try {
        if (InetAddress.ofLiteral(words[0]) instanceof Inet4Address address
            && !address.isLoopbackAddress()) {
          for (int i = 1; i < words.length; i++) {
            names
                .computeIfAbsent(words[i].toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                .add(address);
          }
        }
      } catch (IllegalArgumentException notAnAddress) {
        // Somebody else reads this line.
      }
    }
    return names;
  }
}

package com.atoll.node.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where this host gets Debian packages from: it can reach that place. */
final class AptMirror {
  private static final String DEFAULT = "http://deb.debian.org/debian";
  private static final Pattern ARCHIVE = Pattern.compile("https?://[^\\s\"']+?/debian/?(?=\\s|$)");

  private AptMirror() {}

  /** The first archive of Debian itself in the host's configuration, else Debian's own. */
  static String find() throws IOException {
    return find(Path.of("/etc/apt"));
  }

  static String find(Path configuration) throws IOException {
    List<Path> files = new ArrayList<>();
    Path main = configuration.resolve("sources.list");
    if (Files.isRegularFile(main)) {
      files.add(main);
    }
    Path parts = configuration.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      try (Stream<Path> entries = Files.list(parts)) {
        files.addAll(entries.filter(Files::isRegularFile).sorted().toList());
      }
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        boolean source = line.startsWith("deb ") || line.startsWith("URIs:");
        Matcher archive = ARCHIVE.matcher(line);
        if (source && archive.find()) {
          return archive.group();
        }
      }
    }
    return DEFAULT;
  }

  /** The suite that this host runs. */
  static String hostSuite() throws IOException {
    for (String line : Files.readAllLines(Path.of("/etc/os-release"))) {
      if (line.startsWith("VERSION_CODENAME=")) {
        return line.substring(line.indexOf('=') + 1).replace("\"", "");
      }
    }
    throw new IOException("the host names no suite: the template must");
  }
}

package com.atoll.server;

import com.atoll.platform.Installation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code --installation FILE} and what follows it. */
record Arguments(Installation installation, List<String> rest) {
  static Arguments of(String[] arguments) {
    List<String> rest = new ArrayList<>(List.of(arguments));
    int at = rest.indexOf("--installation");
    if (at < 0 || at + 1 >= rest.size()) {
      throw new IllegalArgumentException("--installation FILE is required");
    }
    Installation installation = Installation.read(Path.of(rest.get(at + 1)));
    rest.remove(at + 1);
    rest.remove(at);
    return new Arguments(installation, List.copyOf(rest));
  }
}

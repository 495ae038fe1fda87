package com.atoll.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whole parts of the API that this release has nothing of. A client that asks for one has the right
 * address, which a 404 for its route would deny.
 */
public final class NotBuilt {
  private static final String LIST = "/not-built-paths.txt";
  private static final String PRIORITY = "P4";

  private final List<String> paths;
  private final Routes routes = new Routes();

  /** The parts that are listed. */
  public NotBuilt() {
    paths = read();
    paths.forEach(path -> {
      routes.add(operation(path, path));
      routes.add(operation(path, path + "/*rest"));
    });
  }

  /** The paths that the parts begin with, as routes are written. */
  public List<String> paths() {
    return paths;
  }

  /** Whether a path lies in one of them. */
  public boolean holds(List<String> segments) {
    return find(segments) != null;
  }

  /** What answers there, whatever the method; null when the path lies in none of them. */
  Routes.@Nullable Match find(List<String> segments) {
    return routes.find(segments);
  }

  private static Operation<?, ?> operation(String part, String path) {
    String name =
        Arrays.stream(part.substring(1).split("/", -1))
            .filter(segment -> !segment.startsWith(":"))
            .map(segment -> segment.replace('-', '_'))
            .collect(Collectors.joining("."));
    return Operation.get(path)
        .id(name)
        .summary("Not in this release.")
        .priority(PRIORITY)
        .anyScope()
        .delegable()
        .hidden()
        .notImplemented();
  }

  private static List<String> read() {
    try (InputStream in = Objects.requireNonNull(NotBuilt.class.getResourceAsStream(LIST))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

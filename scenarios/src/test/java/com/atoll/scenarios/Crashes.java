package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Ends a process of the installation at a named point, as kill -9 would. */
final class Crashes {
  private final Given given;
  private final Path order;

  Crashes(Given given, Host host) {
    this.given = given;
    this.order = Path.of(host.status().path("run").asString()).resolve("crash/at");
  }

  /** The points of a step, as the running processes name them. */
  static Stream<String> points(String step) {
    JsonNode points = new Given().api.get("/platform/crash-points").expect(200).json().path("data");
    return points
        .valueStream()
        .map(JsonNode::asString)
        .filter(point -> point.contains("." + step + "."));
  }

  /**
   * Those that this run has to do with: `atoll test` takes every third, other ones with each
   * commit, `--all` and a run by hand take all.
   */
  static Stream<String> sample(Stream<String> points) {
    List<String> all = points.toList();
    if (!"fast".equals(System.getenv("SUITE_TAGS"))) {
      return all.stream();
    }
    int first = Integer.parseInt(System.getenv().getOrDefault("SUITE_SEED", "0")) % 3;
    return IntStream.range(0, all.size())
        .filter(place -> all.size() < 3 || place % 3 == first)
        .mapToObj(all::get);
  }

  void disarm() throws IOException {
    Files.deleteIfExists(order);
  }

  /** Whether what was armed has been reached. */
  boolean reached() {
    return !Files.exists(order);
  }

  void arm(String point) {
    try {
      Path fresh = order.resolveSibling("at.new");
      Files.writeString(fresh, point);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
      Files.move(fresh, order, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The process that the point belongs to has ended there, and the API answers again. */
  void await(String point) {
    Given.eventually(30, point + " is reached", this::reached);
    eventually(30, "the API answers", () -> given.api.get("/sandboxes?limit=1").status() == 200);
  }

  /** Asks, with one key, until the answer is neither a failure nor a "not now"; that answer. */
  Reply insist(String method, String path, Object body, String key) {
    Reply[] last = new Reply[1];
    eventually(
        90,
        method + " " + path + " ends well",
        () -> {
          last[0] = given.api.json(method, path, body, Map.of("Idempotency-Key", key));
          return last[0].status() < 500 && last[0].status() != 429;
        },
        () -> String.valueOf(last[0]));
    return last[0];
  }

  /** Asks for a delete until it is done, also when an earlier try did it. */
  void insistOnDelete(String path) {
    eventually(
        90,
        path + " is deleted",
        () -> {
          int status = given.api.delete(path).status();
          return status / 100 == 2 || status == 404;
        });
  }

  /** As {@link Given#eventually}; a connection that breaks says no. */
  static void eventually(int seconds, String what, BooleanSupplier condition) {
    eventually(seconds, what, condition, () -> "");
  }

  private static void eventually(
      int seconds, String what, BooleanSupplier condition, Supplier<String> instead) {
    Given.eventually(
        seconds,
        what,
        () -> {
          try {
            return condition.getAsBoolean();
          } catch (UncheckedIOException cut) {
            return false;
          }
        },
        instead);
  }
}

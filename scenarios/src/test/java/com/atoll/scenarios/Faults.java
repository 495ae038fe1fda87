package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** What goes wrong while an operation is under way: a process ends at a point, or at any moment. */
final class Faults {
  private static final List<String> ROLES = List.of("node", "server", "edge", "postgres");
  private static final long LATEST_NANOS = 40_000_000;

  private final Given given;
  private final Host host;
  private final Crashes crashes;
  private final Random random;
  private final Map<String, List<String>> points = new HashMap<>();
  private final Map<String, Integer> done = new TreeMap<>();

  Faults(Given given, Host host, Random random) {
    this.given = given;
    this.host = host;
    this.crashes = new Crashes(given, host);
    this.random = random;
  }

  Crashes crashes() {
    return crashes;
  }

  /** How many of each kind there were. */
  String told() {
    return done.toString();
  }

  /** Does it, one time in seven while something goes wrong; then everything answers again. */
  void around(String step, Runnable operation) {
    int dice = random.nextInt(14);
    List<String> known = points.computeIfAbsent(step, Faults::pointsOf);
    if (dice == 0 && !known.isEmpty()) {
      atPoint(known.get(random.nextInt(known.size())), operation);
    } else if (dice == 1) {
      String role = ROLES.get(random.nextInt(ROLES.size()));
      atAnyMoment(role, random.nextLong(LATEST_NANOS), operation);
    } else {
      operation.run();
    }
  }

  /** A guest that ends takes its processes along: that is an operation of its own. */
  private static List<String> pointsOf(String step) {
    return Crashes.points(step)
        .filter(point -> !point.contains(".deployment-") && !point.contains("-command-"))
        .toList();
  }

  private void atPoint(String point, Runnable operation) {
    crashes.arm(point);
    try {
      operation.run();
      if (crashes.reached()) {
        count("at a point");
      }
    } finally {
      disarm();
    }
    awaitApi();
  }

  private void disarm() {
    try {
      crashes.disarm();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void atAnyMoment(String role, long nanos, Runnable operation) {
    long pid = pid(role);
    Thread killer =
        Thread.ofVirtual()
            .start(() -> {
              LockSupport.parkNanos(nanos);
              if (pid > 1) {
                Host.killProcess(pid);
              }
            });
    operation.run();
    try {
      killer.join();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
    count(role);
    Given.eventually(30, role + " is another process", () -> pid(role) != pid && pid(role) > 1);
    awaitApi();
  }

  private long pid(String role) {
    return host.pids().getOrDefault(role, 0L);
  }

  private void count(String what) {
    done.merge(what, 1, Integer::sum);
  }

  private void awaitApi() {
    Crashes.eventually(
        60, "the API answers", () -> given.api.get("/sandboxes?limit=1").status() == 200);
  }
}

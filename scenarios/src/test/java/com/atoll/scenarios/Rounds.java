package com.atoll.scenarios;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * Random walks, one after the other, each with nothing left behind. Round {@code n} of a seed is
 * always the same walk: one that failed is repeated alone, and a long run goes on where the last
 * one stopped. {@code ATOLL_TEST_SEED} names the seed; {@code ATOLL_TEST_STEPS} and {@code
 * ATOLL_TEST_SECONDS} how far and for how long a long run goes.
 */
final class Rounds {
  private static final int STEPS = 50;
  private static final int LEFT_SECONDS = 120;
  private static final Path MEMORY = Path.of("target", "walk");

  private final Given given;
  private final Host host;
  private final long seed;
  private int round;

  private Rounds(Given given, long seed, int round) {
    this.given = given;
    this.host = Host.of(given.target);
    this.seed = seed;
    this.round = round;
  }

  /** From the first round of a seed that is new, or asked for. */
  static Rounds begin(Given given) {
    return new Rounds(given, number("ATOLL_TEST_SEED", new Random().nextInt(1_000_000)), 0);
  }

  /** From where the last long run stopped, or failed; from the first round when it had ended. */
  static Rounds goOn(Given given) throws IOException {
    if (!Files.exists(MEMORY)) {
      return begin(given);
    }
    String[] words = Files.readString(MEMORY).strip().split(" ", 2);
    long seed = Long.parseLong(words[0]);
    return number("ATOLL_TEST_SEED", seed) == seed
        ? new Rounds(given, seed, Integer.parseInt(words[1]))
        : begin(given);
  }

  /** All of a long run, in as many runs as it takes. */
  void toTheEnd() throws IOException {
    int steps = (int) number("ATOLL_TEST_STEPS", 10_000);
    Duration time = Duration.ofSeconds(number("ATOLL_TEST_SECONDS", 8_400));
    Files.createDirectories(MEMORY.toAbsolutePath().getParent());
    long began = System.nanoTime();
    while (round * STEPS < steps) {
      Files.writeString(MEMORY, seed + " " + round);
      if (System.nanoTime() - began > time.toNanos()) {
        throw new AssertionError(
            "%d of %d steps of seed %d in %s: run it again to go on"
                .formatted(round * STEPS, steps, seed, time));
      }
      next();
    }
    Files.delete(MEMORY);
  }

  /** The first steps, for a run that is to be short. */
  void first(int steps) {
    while (round * STEPS < steps) {
      next();
    }
  }

  private void next() {
    Remains before = Remains.of(host);
    Walk walk = new Walk(given, host, seed * 1_000_003 + round);
    long began = System.nanoTime();
    try {
      walk.run(STEPS);
      Given.eventually(
          LEFT_SECONDS,
          "nothing is left",
          () -> Remains.of(host).since(before).isEmpty(),
          () -> Remains.of(host).since(before).toString());
    } catch (AssertionError wrong) {
      throw new AssertionError(
          "seed " + seed + ", round " + round + ": " + wrong.getMessage(), wrong);
    }
    round++;
    System.out.printf(
        "walk: seed %d, %d steps without a loss; the last %d in %d s, faults: %s%n",
        seed, round * STEPS, STEPS, (System.nanoTime() - began) / 1_000_000_000, walk.faults());
  }

  private static long number(String name, long otherwise) {
    String said = System.getenv(name);
    return said == null ? otherwise : Long.parseLong(said);
  }
}

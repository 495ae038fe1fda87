package com.atoll.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A sandbox, with all that must be true of it. */
final class Subject {
  static final String FOLDER = "/workspace/kept";

  final Sandbox sandbox;
  final Kept files;
  final Map<String, Kept> volumes = new TreeMap<>();
  private final List<Emitter> emitters = new ArrayList<>();
  private int guestsEnded;

  Subject(Sandbox sandbox, Kept files) {
    this.sandbox = sandbox;
    this.files = files;
  }

  /** Where a volume is mounted. */
  static String place(String volume) {
    return "/data/" + volume;
  }

  void check() {
    files.check(sandbox, FOLDER);
    volumes.forEach((id, kept) -> kept.check(sandbox, place(id)));
    emitters.forEach(Emitter::check);
  }

  void emit(Random random) {
    if (emitters.size() < 3) {
      emitters.add(Emitter.in(sandbox, random.nextLong()));
    }
  }

  void write(Random random) {
    if (!volumes.isEmpty() && random.nextBoolean()) {
      volumes.forEach((id, kept) -> kept.write(sandbox, place(id), random));
    } else if (random.nextInt(5) == 0) {
      files.remove(sandbox, FOLDER, random);
    } else {
      files.write(sandbox, FOLDER, random);
    }
  }

  /** Its processes are about to end. */
  void deafen() {
    emitters.forEach(Emitter::close);
    emitters.clear();
  }

  /** Whether its first process may be ended once more: one that dies too often is given up. */
  boolean mayLoseGuest() {
    return ++guestsEnded <= 2;
  }
}

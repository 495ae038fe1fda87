package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random walk over a few sandboxes, their snapshots and volumes, with faults on the way. After
 * each step the sandbox that it concerned is compared with what must be there; now and then all of
 * them are. One round begins and ends with nothing.
 */
final class Walk {
  private static final int MOST = 5;
  private static final int ALL_EVERY = 15;

  private final Given given;
  private final Host host;
  private final Random random;
  private final Faults faults;
  private final List<Subject> subjects = new ArrayList<>();
  private final Map<String, Kept> snapshots = new TreeMap<>();
  private final Map<String, Kept> volumes = new TreeMap<>();
  private String doing = "nothing";

  Walk(Given given, Host host, long seed) {
    this.given = given;
    this.host = host;
    this.random = new Random(seed);
    this.faults = new Faults(given, host, random);
  }

  /** What went wrong by intention. */
  String faults() {
    return faults.told();
  }

  /** This many steps, and the end of all that they made. */
  void run(int steps) {
    try {
      for (int i = 1; i <= steps; i++) {
        try {
          Subject concerned = step();
          concerned.check();
          if (i % ALL_EVERY == 0) {
            subjects.forEach(Subject::check);
          }
        } catch (AssertionError wrong) {
          throw new AssertionError("step " + i + ", " + doing + ": " + wrong.getMessage(), wrong);
        }
      }
      subjects.forEach(Subject::check);
    } finally {
      end();
    }
  }

  private Subject step() {
    if (subjects.isEmpty()) {
      return create();
    }
    Subject subject = subjects.get(random.nextInt(subjects.size()));
    doing = "with " + subject.sandbox.id() + " ";
    return switch (random.nextInt(20)) {
      case 0, 1 -> create();
      case 2, 3, 4 -> write(subject);
      case 5, 6 -> emit(subject);
      case 7, 8, 9, 10 -> pause(subject);
      case 11 -> stop(subject);
      case 12, 13 -> fork(subject);
      case 14 -> snapshot(subject);
      case 15 -> restore(subject);
      case 16, 17 -> volume(subject);
      case 18 -> endGuest(subject);
      default -> delete(subject);
    };
  }

  private Subject create() {
    doing = "create";
    makeRoom();
    return made("/sandboxes", Map.of("size", "xs"), new Kept());
  }

  private Subject write(Subject subject) {
    doing += "write";
    faults.around("none", () -> subject.write(random));
    return subject;
  }

  private Subject emit(Subject subject) {
    doing += "emit";
    subject.emit(random);
    return subject;
  }

  private Subject pause(Subject subject) {
    doing += "pause and resume";
    faults.around("pause", () -> insist(subject, "/pause"));
    if (random.nextBoolean()) {
      // Else the check wakes it.
      faults.around("pause", () -> insist(subject, "/resume"));
    }
    return subject;
  }

  private Subject stop(Subject subject) {
    doing += "stop";
    subject.deafen();
    faults.around("pause", () -> insist(subject, "/stop"));
    return subject;
  }

  private Subject fork(Subject subject) {
    doing += "fork";
    makeRoom();
    Subject source = subjects.contains(subject) ? subject : subjects.getFirst();
    return made(source.sandbox.at("/fork"), Map.of(), source.files.copy());
  }

  private Subject snapshot(Subject subject) {
    doing += "snapshot";
    String key = Given.unique("snapshot");
    faults.around(
        "snapshot",
        () -> {
          String path = subject.sandbox.at("/snapshots");
          Reply taken = faults.crashes().insist("POST", path, Map.of(), key);
          assertEquals(201, taken.status(), taken::toString);
          snapshots.put(taken.string("id"), subject.files.copy());
        });
    return subject;
  }

  private Subject restore(Subject subject) {
    doing += "restore";
    if (snapshots.isEmpty()) {
      return snapshot(subject);
    }
    Map.Entry<String, Kept> snapshot = snapshots.entrySet().iterator().next();
    String id = snapshot.getKey();
    makeRoom();
    Subject restored = made("/snapshots/" + id + "/fork", Map.of(), snapshot.getValue().copy());
    faults.around("snapshot", () -> faults.crashes().insistOnDelete("/snapshots/" + id));
    snapshots.remove(id);
    return restored;
  }

  private Subject volume(Subject subject) {
    if (!subject.volumes.isEmpty()) {
      doing += "detach";
      String id = subject.volumes.keySet().iterator().next();
      String path = subject.sandbox.at("/volumes/" + id);
      faults.around("volume", () -> faults.crashes().insistOnDelete(path));
      volumes.put(id, subject.volumes.remove(id));
      return subject;
    }
    doing += "attach";
    if (volumes.isEmpty()) {
      Map<String, Object> wish = Map.of("name", Given.unique("walk"), "size_gb", 1);
      String key = Given.unique("volume");
      faults.around(
          "volume",
          () -> {
            Reply made = faults.crashes().insist("POST", "/volumes", wish, key);
            assertEquals(201, made.status(), made::toString);
            volumes.put(made.string("id"), new Kept());
          });
    }
    String id = volumes.keySet().iterator().next();
    Map<String, Object> wish = Map.of("volume_id", id, "mount_path", Subject.place(id));
    String path = subject.sandbox.at("/volumes");
    faults.around(
        "volume",
        () ->
            Crashes.eventually(
                90, id + " is attached", () -> given.api.post(path, wish).status() == 201));
    subject.volumes.put(id, volumes.remove(id));
    return subject;
  }

  private Subject endGuest(Subject subject) {
    if (!subject.mayLoseGuest()) {
      return pause(subject);
    }
    doing += "end of the guest";
    subject.deafen();
    host.killGuest(subject.sandbox.id());
    return subject;
  }

  private Subject delete(Subject subject) {
    doing += "delete";
    remove(subject);
    return subjects.isEmpty() ? create() : subjects.getFirst();
  }

  private void makeRoom() {
    while (subjects.size() >= MOST) {
      remove(subjects.get(random.nextInt(subjects.size())));
    }
  }

  private void remove(Subject subject) {
    subject.deafen();
    faults.around("delete", () -> faults.crashes().insistOnDelete(subject.sandbox.at("")));
    volumes.putAll(subject.volumes);
    subjects.remove(subject);
  }

  private Subject made(String path, Map<String, Object> fields, Kept files) {
    String key = Given.unique("walk");
    Subject[] made = new Subject[1];
    faults.around(
        "create",
        () -> {
          Reply reply = faults.crashes().insist("POST", path, fields, key);
          assertEquals(201, reply.status(), reply::toString);
          Sandbox sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"));
          made[0] = new Subject(sandbox, files);
        });
    subjects.add(made[0]);
    return made[0];
  }

  private void insist(Subject subject, String action) {
    Crashes.eventually(
        90,
        subject.sandbox.id() + action,
        () -> given.api.post(subject.sandbox.at(action), Map.of()).status() == 200);
  }

  private void end() {
    for (Subject subject : List.copyOf(subjects)) {
      subject.deafen();
      faults.crashes().insistOnDelete(subject.sandbox.at(""));
      volumes.putAll(subject.volumes);
    }
    snapshots.keySet().forEach(id -> faults.crashes().insistOnDelete("/snapshots/" + id));
    volumes.keySet().forEach(id -> faults.crashes().insistOnDelete("/volumes/" + id));
  }
}

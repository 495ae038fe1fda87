package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** The files that must be in a folder, no fewer and no more, by name and digest. */
final class Kept {
  private final Map<String, String> digests;

  Kept() {
    this(Map.of());
  }

  private Kept(Map<String, String> digests) {
    this.digests = new TreeMap<>(digests);
  }

  Kept copy() {
    return new Kept(digests);
  }

  /** Writes one file of random content, new or in the place of an older one. */
  void write(Sandbox sandbox, String folder, Random random) {
    String name = "f" + random.nextInt(12);
    String content = words(random);
    Crashes.eventually(
        60,
        folder + "/" + name + " is written",
        () -> sandbox.write(folder + "/" + name, content).status() == 201);
    digests.put(name, digest(content));
  }

  /** Removes one file, if there is any. */
  void remove(Sandbox sandbox, String folder, Random random) {
    if (!digests.isEmpty()) {
      String name = List.copyOf(digests.keySet()).get(random.nextInt(digests.size()));
      says(sandbox, "rm -f " + folder + "/" + name);
      digests.remove(name);
    }
  }

  /** What is there is what must be there. */
  void check(Sandbox sandbox, String folder) {
    List<String> expected = new ArrayList<>();
    digests.forEach((name, digest) -> expected.add(digest + "  " + name));
    String found =
        says(sandbox, "mkdir -p " + folder + " && cd " + folder + " && sha256sum * 2>/dev/null");
    assertEquals(String.join("\n", expected), found.strip(), () -> folder + " of " + sandbox.id());
  }

  /** What a command that may be repeated says once it is answered. */
  private static String says(Sandbox sandbox, String command) {
    String[] said = new String[1];
    Crashes.eventually(
        90,
        sandbox.id() + " does: " + command,
        () -> {
          Reply reply = sandbox.api().post(sandbox.at("/exec"), Map.of("command", command));
          boolean answered = reply.status() == 200 && reply.json().path("exit_code").asInt() < 128;
          said[0] = answered ? reply.string("stdout") : "";
          return answered;
        });
    return said[0];
  }

  private static String words(Random random) {
    int length = random.nextInt(8) == 0 ? 300_000 : random.nextInt(4_000);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(random.nextLong()).append('\n');
    }
    return text.toString();
  }

  private static String digest(String content) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(content.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package com.atoll.node.builds;

import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One step of a build.
 *
 * @param key the same for the same step after the same steps on the same base
 * @param title one line for the log
 * @param line shell line, or "" to copy the template's own files
 * @param user who runs it
 */
record Step(String key, String title, String line, String user) {
  private static final String VERSION = "1";

  /**
   * The steps of a recipe.
   *
   * @param scope whose steps may be shared
   * @param files the template's own, copied first when there are any
   * @param filesKey stands for them
   */
  static List<Step> of(Recipe recipe, Image base, String scope, Path files, String filesKey) {
    List<Step> steps = new ArrayList<>();
    Map<String, String> env = new TreeMap<>(recipe.env());
    String key = hash(VERSION, scope, base.digest(), env.toString(), recipe.workdir());
    if (!recipe.packages().isEmpty()) {
      String names = String.join(" ", recipe.packages());
      key = hash(key, "packages", names);
      steps.add(new Step(key, "PACKAGES " + names, install(names), "root"));
    }
    if (Files.isDirectory(files)) {
      key = hash(key, "files", filesKey);
      steps.add(new Step(key, "FILES", "", "root"));
    }
    for (String line : recipe.steps()) {
      key = hash(key, "run", recipe.user(), line);
      steps.add(new Step(key, "RUN " + line, line, recipe.user()));
    }
    return steps;
  }

  private static String install(String names) {
    return "export DEBIAN_FRONTEND=noninteractive; apt-get update -q"
        + " && apt-get install -y -q --no-install-recommends "
        + names
        + " && apt-get clean && rm -rf /var/lib/apt/lists/*";
  }

  /** 40 hexadecimal digits for these words. */
  static String hash(String... words) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String word : words) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 40);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

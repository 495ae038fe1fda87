package com.atoll.node.builds;

import com.atoll.node.images.Action;
import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One step of a build.
 *
 * @param key the same for the same step after the same steps on the same base
 * @param title one line for the log
 * @param line shell line, or "" to copy files
 * @param user who runs it
 * @param workdir where
 * @param env its variables
 * @param copy what it copies; null for a shell line, and for the template's own files
 */
record Step(
    String key,
    String title,
    String line,
    String user,
    String workdir,
    Map<String, String> env,
    Action.@Nullable Copy copy) {
  private static final String USUAL_WORKDIR = "/workspace";
  private static final String VERSION = "2";

  /**
   * The steps of a recipe.
   *
   * @param scope whose steps may be shared
   * @param files the template's own, copied first when there are any
   * @param filesKey stands for them, and for this build alone
   * @param uploads what is in an archive of this name
   */
  static List<Step> of(
      Recipe recipe,
      Image base,
      String scope,
      Path files,
      String filesKey,
      UnaryOperator<String> uploads) {
    List<Step> steps = new ArrayList<>();
    String key = hash(words(recipe.env(), VERSION, scope, base.digest(), recipe.workdir()));
    if (!recipe.packages().isEmpty()) {
      String names = String.join(" ", recipe.packages());
      key = hash(key, "packages", names);
      steps.add(own(key, "PACKAGES " + names, install(names), recipe));
    }
    if (Files.isDirectory(files)) {
      key = hash(key, "files", filesKey);
      steps.add(own(key, "FILES", "", recipe));
    }
    for (Action action : recipe.steps()) {
      key = action.fresh() ? hash(key, "fresh", filesKey) : key;
      Step step = of(key, recipe, action, uploads);
      steps.add(step);
      key = step.key();
    }
    if (needsWorkdir(recipe, steps)) {
      String folder = recipe.workdir();
      key = hash(key, "workdir", folder, recipe.user());
      steps.add(own(key, "WORKDIR " + folder, make(folder, recipe.user()), recipe));
    }
    return steps;
  }

  /**
   * Whether the folder that the app runs in is made after all else, because no step runs there.
   * Whoever is to have it may only be made by a step.
   */
  private static boolean needsWorkdir(Recipe recipe, List<Step> steps) {
    String folder = recipe.workdir();
    // Every base has the usual one, and nothing may have removed it.
    boolean there = folder.equals("/") || (steps.isEmpty() && folder.equals(USUAL_WORKDIR));
    return !there && steps.stream().noneMatch(step -> step.workdir().equals(folder));
  }

  /** A step of the builder itself. */
  private static Step own(String key, String title, String line, Recipe recipe) {
    // Its programs are where the base has them, whatever the app is to find.
    Map<String, String> env = new HashMap<>(recipe.env());
    env.remove("PATH");
    return new Step(key, title, line, "root", "/", env, null);
  }

  private static Step of(
      String before, Recipe recipe, Action action, UnaryOperator<String> uploads) {
    String user = action.user().isEmpty() ? recipe.user() : action.user();
    String workdir = action.workdir().isEmpty() ? recipe.workdir() : action.workdir();
    Map<String, String> env = new HashMap<>(recipe.env());
    env.putAll(action.env());
    String key = before;
    if (!action.workdir().isEmpty() || !action.env().isEmpty()) {
      key = hash(words(action.env(), key, "in", workdir));
    }
    Action.Copy copy = action.copy();
    if (copy == null) {
      key = hash(key, "run", user, action.run());
      return new Step(key, "RUN " + action.run(), action.run(), user, workdir, env, null);
    }
    String content = uploads.apply(copy.files());
    key = hash(key, "copy", user, content, copy.source(), copy.target(), copy.owner(), copy.mode());
    String title = "COPY " + copy.source() + " " + copy.target();
    return new Step(key, title, "", user, workdir, env, copy);
  }

  /** Each word by itself: what a map prints is the same for other names and values. */
  private static String[] words(Map<String, String> env, String... before) {
    List<String> words = new ArrayList<>(List.of(before));
    new TreeMap<>(env).forEach((name, value) -> words.addAll(List.of(name, value)));
    return words.toArray(String[]::new);
  }

  private static String make(String folder, String user) {
    String name = quoted(folder);
    return "[ -d "
        + name
        + " ] || { mkdir -p -- "
        + name
        + " && chown -- "
        + quoted(user)
        + " "
        + name
        + "; }";
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
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

package com.atoll.node.builds;

import com.atoll.node.CrashPoint;
import com.atoll.node.builds.BuildRecord.Certificate;
import com.atoll.node.builds.BuildRecord.Order;
import com.atoll.node.images.BuiltImage;
import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One run of one build: from the base over its steps to a certified image. */
final class Job {
  private static final Duration ONE_STEP = Duration.ofMinutes(20);
  static final Duration ALL = Duration.ofMinutes(60);
  private static final long MOST_BYTES_OF_A_FILE = 1 << 20;

  private final Workshop shop;
  private final String name;
  private final Order order;
  private final Path files;
  private final String digest;
  private final BuildLog log;
  private final BiConsumer<Stage, String> progress;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private volatile @Nullable Sandbox at;

  /**
   * A build that has not begun.
   *
   * @param name that the image gets
   * @param files the template's own, or a folder that does not exist
   * @param digest that the image gets
   * @param progress is told what it becomes and does
   */
  Job(
      Workshop shop,
      String name,
      Order order,
      Path files,
      String digest,
      BuildLog log,
      BiConsumer<Stage, String> progress) {
    this.shop = shop;
    this.name = name;
    this.order = order;
    this.files = files;
    this.digest = digest;
    this.log = log;
    this.progress = progress;
  }

  /** The name of the tree of an image. */
  static String treeOf(String digest) {
    return "i-" + digest;
  }

  /** What came of it. */
  record Result(BuiltImage image, Certificate certificate) {}

  /** Calls it off: the step that runs breaks off. */
  void cancel() {
    cancelled.countDown();
    Sandbox now = at;
    if (now != null) {
      now.close();
    }
  }

  boolean isCancelled() {
    return cancelled.getCount() == 0;
  }

  /** Builds. {@link BuildFailure} when nothing comes of it; then nothing is left. */
  Result run() {
    Thread watchdog = Thread.ofVirtual().name("build-limit").start(this::limit);
    String tree = treeOf(digest);
    // An earlier run broke off after it had kept the image: something may stand on it.
    Optional<BuiltImage> kept = shop.images().made(digest);
    try {
      progress.accept(Stage.BUILDING, "its base");
      Recipe recipe = order.recipe();
      Image base = shop.bases().get(recipe.from(), log, cancelled);
      log.say("FROM " + recipe.from() + " (" + base.digest() + ")");
      BuiltImage image = kept.isPresent() ? kept.get() : layer(base, tree);
      CrashPoint.BUILD_FROZEN.reach();
      progress.accept(Stage.CERTIFYING, "its certification");
      Image candidate = shop.images().offer(image);
      Certifier certifier = new Certifier(shop.workloads(), log);
      Certificate seen = certifier.certify(candidate, recipe, order.shape(), cancelled);
      CrashPoint.BUILD_CERTIFIED.reach();
      throwIfCancelled();
      progress.accept(Stage.SNAPSHOTTING, "it is being kept");
      shop.images().activate(image);
      CrashPoint.BUILD_KEPT.reach();
      return new Result(image, seen);
    } catch (RuntimeException e) {
      if (kept.isEmpty()) {
        shop.images().withdraw(digest);
        shop.trees().drop(tree);
      }
      throw e;
    } finally {
      watchdog.interrupt();
    }
  }

  /** Ends a build that takes too long, whatever its guest says. */
  private void limit() {
    try {
      if (!cancelled.await(ALL.toSeconds(), TimeUnit.SECONDS)) {
        log.say("The build takes longer than " + ALL.toMinutes() + " minutes");
        cancel();
      }
    } catch (InterruptedException done) {
      Thread.currentThread().interrupt();
    }
  }

  private BuiltImage layer(Image base, String tree) {
    try (HeldFiles uploaded = new HeldFiles(shop.uploads(), order.scope())) {
      return layer(base, tree, uploaded);
    }
  }

  private BuiltImage layer(Image base, String tree, HeldFiles uploaded) {
    Recipe recipe = order.recipe();
    TreeStore trees = shop.trees();
    trees.drop(tree); // Left by a run that broke off.
    List<Step> steps = Step.of(recipe, base, order.scope(), files, digest, uploaded::digest);
    if (steps.isEmpty()) {
      return image(base, "", 0);
    }
    if (base.layers().size() >= Image.MOST_LAYERS) {
      throw new BuildFailure(
          "BASE_FAILED",
          "from: %s stands on as many templates as one may: do more of the steps in one of them"
              .formatted(recipe.from()));
    }
    int done = 0;
    Optional<StepCache.Kept> kept = Optional.empty();
    for (int i = steps.size(); i > 0 && kept.isEmpty(); i--) {
      kept = shop.cache().find(steps.get(i - 1).key(), shop.now());
      done = kept.isPresent() ? i : 0;
    }
    for (Step cached : steps.subList(0, done)) {
      log.say("CACHED " + cached.title());
    }
    StepCache.Kept last =
        done == steps.size() ? kept.orElseThrow() : runAll(base, steps, done, kept, uploaded);
    trees.freeze(last.tree(), tree);
    return image(base, tree, last.sizeBytes());
  }

  private StepCache.Kept runAll(
      Image base, List<Step> steps, int done, Optional<StepCache.Kept> kept, HeldFiles uploaded) {
    throwIfCancelled();
    try (Sandbox sandbox =
        kept.isPresent()
            ? Sandbox.on(shop.workloads(), base, kept.get().tree(), order.shape())
            : Sandbox.on(shop.workloads(), base, order.shape())) {
      at = sandbox;
      long before = kept.map(StepCache.Kept::sizeBytes).orElse(0L);
      StepCache.Kept last = new StepCache.Kept("", 0, 0);
      for (int i = done; i < steps.size(); i++) {
        throwIfCancelled();
        Step step = steps.get(i);
        log.say("STEP " + (i + 1) + "/" + steps.size() + " " + step.title());
        progress.accept(Stage.BUILDING, "step " + (i + 1) + " of " + steps.size());
        try {
          // Before each step, as a step that is not cached may have removed it.
          if (!step.workdir().equals("/")) {
            makeWorkdir(sandbox, step.workdir(), step.user());
          }
          run(sandbox, step, i + 1, uploaded);
        } catch (BuildFailure failed) {
          throw failed.in(i + 1);
        }
        CrashPoint.BUILD_STEP_RUN.reach();
        last = keep(sandbox, step, before);
      }
      return last;
    } finally {
      at = null;
    }
  }

  private StepCache.Kept keep(Sandbox sandbox, Step step, long before) {
    return shop.cache()
        .keep(
            step.key(),
            shop::now,
            tree -> {
              sandbox.freeze(tree);
              CrashPoint.BUILD_STEP_FROZEN.reach();
              return before + shop.trees().usedBytes(sandbox.record().origin().tree());
            });
  }

  private void run(Sandbox sandbox, Step step, int number, HeldFiles uploaded) {
    int code;
    if (step.copy() != null) {
      code = new CopyStep(uploaded, log).run(sandbox, step, ONE_STEP);
    } else if (step.line().isEmpty()) {
      copyFiles(sandbox);
      return;
    } else {
      code = sandbox.run(Sandbox.command(step, List.of(), step.user(), ONE_STEP), log);
    }
    throwIfCancelled();
    if (code != 0) {
      String how = code == 124 ? "took longer than it may" : "ended with " + code;
      log.say("Step " + number + " " + how);
      throw BuildFailure.step("step " + number + " " + how + ": " + step.title());
    }
  }

  private void makeWorkdir(Sandbox sandbox, String folder, String user) {
    String line = "[ -d \"$0\" ] || { mkdir -p -- \"$0\" && chown -- \"$1\" \"$0\"; }";
    List<String> words = List.of("/bin/sh", "-c", line, folder, user);
    if (sandbox.run(com.atoll.node.guest.Command.words(words).in("/"), log) != 0) {
      throw BuildFailure.step("workdir " + folder + " cannot be made");
    }
  }

  private void copyFiles(Sandbox sandbox) {
    try (Stream<Path> all = Files.walk(files);
        var use = sandbox.use()) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        if (Files.size(file) > MOST_BYTES_OF_A_FILE) {
          throw BuildFailure.step(file.getFileName() + " is too large");
        }
        int mode = Files.isExecutable(file) ? 0755 : 0644;
        String place = "/" + files.relativize(file);
        use.machine().guest().files().writeSmall(place, Files.readAllBytes(file), mode);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the files of " + name, e);
    }
  }

  private BuiltImage image(Image base, String tree, long size) {
    Recipe recipe = order.recipe();
    return new BuiltImage(
        name, digest, base.digest(), tree, "", recipe.env(), size, recipe.previewPort(), 0);
  }

  private void throwIfCancelled() {
    if (isCancelled()) {
      throw new BuildFailure("BUILD_CANCELLED", "the build was called off");
    }
  }
}

package com.atoll.node.builds;

import com.atoll.node.builds.BuildRecord.Order;
import com.atoll.node.images.Images;
import com.atoll.node.images.Images.Derived;
import com.atoll.node.workloads.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Builds the templates that came with the program when somebody asks for one. Nothing is recorded
 * of such a build: whoever asks next begins it again, and its steps are kept.
 */
final class BuiltIns implements Images.Builder {
  private static final Logger LOG = Logger.getLogger(BuiltIns.class.getName());
  private static final Shape SHAPE = new Shape(2_000, 2_048, 20_480, Shape.DEFAULT_PIDS);
  private static final long FIRST_RETRY_MS = 15_000;
  private static final long LAST_RETRY_MS = 600_000;

  private final Workshop shop;
  private final Path logs;
  private final Map<String, Trial> trials = new ConcurrentHashMap<>();

  /** What became of a template so far. */
  private static final class Trial {
    boolean runs;
    long waitMs = FIRST_RETRY_MS;
    long notBeforeMs;
  }

  BuiltIns(Workshop shop, Path logs) {
    this.shop = shop;
    this.logs = logs;
  }

  @Override
  public void build(Derived template) {
    Trial trial = trials.computeIfAbsent(template.id(), id -> new Trial());
    synchronized (trial) {
      if (trial.runs || shop.now() < trial.notBeforeMs) {
        return;
      }
      trial.runs = true;
    }
    shop.images().progress(template.id(), "");
    Thread.ofVirtual().name("build-" + template.id()).start(() -> run(template, trial));
  }

  private void run(Derived template, Trial trial) {
    String id = template.id();
    BuildLog log = new BuildLog(logs.resolve("template-" + id + ".log"));
    boolean good = false;
    try {
      log.delete();
      LOG.info(() -> "template " + id + " is being built");
      Job job =
          new Job(
              shop,
              id,
              new Order("", template.recipe(), SHAPE),
              template.files(),
              template.digest(),
              log,
              (stage, what) -> shop.images().progress(id, what));
      job.run();
      good = true;
      LOG.info(() -> "template " + id + " is built");
    } catch (BuildFailure e) {
      log.say("FAILED " + e.getMessage());
      shop.images().failed(id, String.valueOf(e.getMessage()));
      LOG.warning(() -> "template " + id + ": " + e.getMessage());
    } catch (RuntimeException e) {
      shop.images().failed(id, "this node could not build it");
      LOG.log(Level.WARNING, e, () -> "template " + id);
    } finally {
      log.end();
      synchronized (trial) {
        trial.runs = false;
        if (!good) {
          trial.notBeforeMs = shop.now() + trial.waitMs;
          trial.waitMs = Math.min(2 * trial.waitMs, LAST_RETRY_MS);
        }
      }
    }
  }
}

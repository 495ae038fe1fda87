package com.atoll.node.builds;

import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.registries.Reference;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Finds the image that a build begins with, and waits while that one is being built itself. */
final class Bases {
  private static final Duration PATIENCE = Duration.ofMinutes(40);
  private static final long LOOK_MS = 2_000;

  private static final String REGISTRY = "oci://";

  private final Images images;
  private final Pulls pulls;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  Bases(Images images, Pulls pulls) {
    this.images = images;
    this.pulls = pulls;
    images.listen(state -> wake());
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Image get(String from, BuildLog log, CountDownLatch cancelled) {
    if (from.startsWith(REGISTRY)) {
      Reference reference = pulls.reference(from.substring(REGISTRY.length()));
      return pulls.get(reference, await(Pulls.UNPACKER, log, cancelled), log, cancelled);
    }
    return await(from, log, cancelled);
  }

  private Image await(String from, BuildLog log, CountDownLatch cancelled) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean told = false;
    lock.lock();
    try {
      while (cancelled.getCount() > 0 && System.nanoTime() < deadline) {
        Optional<Image> there = look(from);
        if (there.isPresent()) {
          return there.get();
        }
        if (!told) {
          log.say("Waiting for " + from);
          told = true;
        }
        var _ = changed.await(LOOK_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BuildFailure.passing("this node is stopping");
    } finally {
      lock.unlock();
    }
    throw BuildFailure.passing("from: " + from + " is not there yet");
  }

  private Optional<Image> look(String from) {
    try {
      return Optional.of(images.get(from));
    } catch (ImageException e) {
      return switch (e.reason()) {
        case UNKNOWN -> throw new BuildFailure("BASE_NOT_FOUND", "from: there is no " + from);
        case FAILED ->
            throw new BuildFailure("BASE_FAILED", "from: " + from + ": " + e.getMessage());
        case BUILDING -> Optional.empty();
      };
    }
  }
}

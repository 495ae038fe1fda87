package com.atoll.node.builds;

import com.atoll.node.builds.BuildRecord.Certificate;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestProcess;
import com.atoll.node.guest.GuestStream;
import com.atoll.node.guest.RecordFrames;
import com.atoll.node.guest.RunResult;
import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import com.atoll.node.registries.BreakOff;
import com.atoll.node.workloads.Shape;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Boots an image as a sandbox would be, starts its app and asks whether it is ready. */
record Certifier(Workloads workloads, BuildLog log) {
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);
  private static final Duration ONE_PROBE = Duration.ofSeconds(60);
  private static final Duration START_WATCH = Duration.ofSeconds(2);
  private static final long BETWEEN_MS = 250;

  Certificate certify(Image image, Recipe recipe, Shape shape, CountDownLatch cancelled) {
    long began = System.nanoTime();
    try (Sandbox sandbox = Sandbox.on(workloads, image, shape);
        var _ = BreakOff.after(Job.ALL, cancelled, sandbox); // A probe may take long to answer.
        Use use = sandbox.use()) {
      GuestClient guest = use.machine().guest();
      int code = guest.processes().run(probe(recipe, "true", "root"), 0).exitCode();
      if (code != 0) {
        throw notCertified("a shell in the image ends with " + code);
      }
      long bootMs = millis(began);
      log.say("Booted in " + bootMs + " ms");
      if (recipe.startCommand().isEmpty() && recipe.readyCommand().isEmpty()) {
        return new Certificate("boot", bootMs, bootMs);
      }
      long pid = start(guest, recipe);
      if (kind(recipe).equals("start")) {
        watch(guest, pid, cancelled);
      } else {
        awaitReady(guest, recipe, pid, cancelled);
      }
      log.say("Ready after " + millis(began) + " ms");
      return new Certificate(kind(recipe), bootMs, millis(began));
    } catch (GuestException | NodeFault e) {
      throw notCertified(String.valueOf(e.getMessage()));
    }
  }

  /** What tells that the app is ready: without a command and a port, that its start goes well. */
  private static String kind(Recipe recipe) {
    if (!recipe.readyCommand().isEmpty()) {
      return "command";
    }
    return recipe.previewPort() > 0 ? "port" : "start";
  }

  private static long start(GuestClient guest, Recipe recipe) {
    if (recipe.startCommand().isEmpty()) {
      return 0;
    }
    Map<String, String> env = new HashMap<>(recipe.env());
    if (recipe.previewPort() > 0) {
      env.put("PORT", Integer.toString(recipe.previewPort()));
    }
    Command plain = Sandbox.command(recipe, recipe.startCommand(), recipe.user(), null);
    Command app =
        new Command(
            plain.shell(),
            List.of(),
            plain.cwd(),
            env,
            plain.user(),
            null,
            new byte[0],
            false,
            0,
            0,
            false);
    return guest.processes().start(app, "app").pid();
  }

  /** Follows the start command until it ends, or long enough to believe that it runs. */
  private void watch(GuestClient guest, long pid, CountDownLatch cancelled) {
    CountDownLatch over = new CountDownLatch(1);
    GuestStream records = guest.processes().records(pid, 0, true);
    // It closes the stream at its end, and when it is interrupted.
    Thread follower =
        Thread.ofVirtual()
            .name("build-start")
            .start(() -> {
              drain(records);
              over.countDown();
            });
    try {
      var _ = over.await(START_WATCH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BuildFailure.passing("this node is stopping");
    } finally {
      follower.interrupt();
    }
    if (cancelled.getCount() == 0) {
      throw notCertified("it was called off");
    }
    throwIfEnded(guest, pid);
  }

  private static void drain(GuestStream records) {
    try (RecordFrames frames = new RecordFrames(records)) {
      RecordFrames.Frame frame = frames.next();
      while (frame != null && frame.stream() != RecordFrames.EXIT) {
        frame = frames.next();
      }
    } catch (IOException | GuestException closed) {
      // It was watched for long enough, or its sandbox is gone: what is asked next tells.
    }
  }

  /** A start command may leave its app in the background, but only when it ends well. */
  private void throwIfEnded(GuestClient guest, long pid) {
    GuestProcess app = pid == 0 ? null : guest.processes().get(pid);
    if (app != null && !app.running() && app.exitCode() != 0) {
      log.append(guest.processes().tail(pid, 50).output());
      throw notCertified("its start command ended with " + app.exitCode());
    }
  }

  private void awaitReady(GuestClient guest, Recipe recipe, long pid, CountDownLatch cancelled) {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    String problem = "it is not ready after " + READY_WITHIN.toSeconds() + " s";
    while (System.nanoTime() < deadline) {
      boolean ready = ready(guest, recipe);
      throwIfEnded(guest, pid);
      if (ready) {
        return;
      }
      try {
        if (cancelled.await(BETWEEN_MS, TimeUnit.MILLISECONDS)) {
          throw notCertified("it was called off");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw BuildFailure.passing("this node is stopping");
      }
    }
    if (pid != 0) {
      log.append(guest.processes().tail(pid, 50).output());
    }
    throw notCertified(problem);
  }

  private static boolean ready(GuestClient guest, Recipe recipe) {
    if (!recipe.readyCommand().isEmpty()) {
      RunResult result =
          guest.processes().run(probe(recipe, recipe.readyCommand(), recipe.user()), 0);
      return result.exitCode() == 0;
    }
    try (GuestStream open = guest.forward(recipe.previewPort())) {
      return open.isOpen();
    } catch (IOException | GuestException refused) {
      return false;
    }
  }

  private static Command probe(Recipe recipe, String line, String user) {
    return Sandbox.command(recipe, line, user, ONE_PROBE);
  }

  private static long millis(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }

  private static BuildFailure notCertified(String why) {
    return new BuildFailure("CERTIFICATION_FAILED", "the image does not start: " + why);
  }
}

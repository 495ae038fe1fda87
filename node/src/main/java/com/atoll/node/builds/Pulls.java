package com.atoll.node.builds;

import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestWriter;
import com.atoll.node.images.BuiltImage;
import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.registries.BreakOff;
import com.atoll.node.registries.Reference;
import com.atoll.node.registries.Registries;
import com.atoll.node.registries.RegistryException;
import com.atoll.node.registries.RemoteImage;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.workloads.Shape;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes an image of this node out of one of a registry. Its layers are unpacked in a sandbox, by a
 * program of ours: what a hostile one can reach is that sandbox and the image.
 */
final class Pulls {
  /** The template in whose sandboxes images are unpacked. */
  static final String UNPACKER = "miosa-sandbox";

  private static final String VERSION = "1";
  private static final String ROOT = "/oci/rootfs";
  private static final String PACKED = "/oci/layer";
  private static final String BUNDLE = "/etc/atoll/ca-certificates.crt";
  private static final Shape SHAPE = new Shape(2_000, 1_024, 40_960, Shape.DEFAULT_PIDS);
  private static final Duration ONE_LAYER = Duration.ofMinutes(20);
  private static final Duration LONGEST = Duration.ofMinutes(60);
  private static final long LOOK_MS = 500;

  private final Workloads workloads;
  private final TreeStore trees;
  private final Images images;
  private final Registries registries;
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  Pulls(Workloads workloads, TreeStore trees, Images images, Registries registries) {
    this.workloads = workloads;
    this.trees = trees;
    this.images = images;
    this.registries = registries;
  }

  /** What is asked for, when its registry may be asked. */
  Reference reference(String name) {
    try {
      Reference reference = Reference.parse(name);
      registries.requireAllowed(reference);
      return reference;
    } catch (RegistryException e) {
      throw new BuildFailure("PULL_FAILED", "from: " + e.getMessage());
    }
  }

  /** The image, fetched unless it is here; broken off when it is called off. */
  Image get(Reference reference, Image unpacker, BuildLog log, CountDownLatch cancelled) {
    try {
      RemoteImage remote = registries.find(reference, cancelled);
      String digest = Step.hash("oci", VERSION, remote.digest()).substring(0, 32);
      ReentrantLock lock = locks.computeIfAbsent(digest, key -> new ReentrantLock());
      lock(lock, cancelled);
      try {
        Optional<Image> there = there(digest);
        return there.isPresent()
            ? there.get()
            : pull(reference, remote, digest, unpacker, log, cancelled);
      } finally {
        lock.unlock();
      }
    } catch (RegistryException | IOException | RuntimeException e) {
      throw cancelled.getCount() == 0 ? calledOff() : failure(reference, e);
    }
  }

  private static RuntimeException failure(Reference reference, Exception e) {
    return switch (e) {
      case RegistryException _ -> new BuildFailure("PULL_FAILED", "from: " + e.getMessage());
      case ConnectException unreached ->
          new BuildFailure(
              "PULL_FAILED",
              "from: the registry %s was not reached (%s)"
                  .formatted(reference.registry(), unreached.getClass().getSimpleName()));
      case IOException _, GuestException _, ImageException _ ->
          new BuildFailure(
              "PULL_FAILED", "from: " + reference.repository() + ": " + e.getMessage());
      case RuntimeException other -> other;
      default -> new IllegalStateException(e);
    };
  }

  private static BuildFailure calledOff() {
    return new BuildFailure("BUILD_CANCELLED", "the build was called off");
  }

  /** Another build may be fetching the same image. */
  private static void lock(ReentrantLock lock, CountDownLatch cancelled) {
    try {
      while (!lock.tryLock(LOOK_MS, TimeUnit.MILLISECONDS)) {
        if (cancelled.getCount() == 0) {
          throw calledOff();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BuildFailure.passing("this node is stopping");
    }
  }

  /** Kept anew: nobody may have wanted it until now, and it would go as soon as nobody uses it. */
  private Optional<Image> there(String digest) {
    return images.made(digest).map(images::activate);
  }

  private Image pull(
      Reference reference,
      RemoteImage remote,
      String digest,
      Image unpacker,
      BuildLog log,
      CountDownLatch cancelled)
      throws IOException, RegistryException {
    String tree = Job.treeOf(digest);
    trees.drop(tree);
    try (Sandbox sandbox = Sandbox.on(workloads, unpacker, SHAPE);
        var _ = BreakOff.after(LONGEST, cancelled, sandbox);
        Use use = sandbox.use()) {
      int number = 0;
      for (RemoteImage.Layer layer : remote.layers()) {
        log.say("PULL " + ++number + "/" + remote.layers().size() + " " + layer.size() + " bytes");
        registries.fetch(reference, layer, bytes -> copy(use, bytes), cancelled);
        unpack(sandbox, List.of("layer", ROOT, PACKED), log);
        use.machine().guest().files().remove(PACKED, false);
      }
      unpack(sandbox, List.of("finish", ROOT, remote.env().getOrDefault("PATH", "")), log);
      sandbox.freeze(tree);
      long size = trees.usedBytes(sandbox.record().origin().tree());
      String inner = ROOT.substring(1);
      return images.activate(
          new BuiltImage("oci~" + digest, digest, "", tree, inner, env(remote), size, 0, 0));
    } catch (IOException | RegistryException | RuntimeException e) {
      images.withdraw(digest);
      trees.drop(tree);
      throw e;
    }
  }

  private static void copy(Use use, InputStream bytes) throws IOException {
    byte[] buffer = new byte[256 << 10];
    try (GuestWriter writer = use.machine().guest().files().write(PACKED, 0600, 0)) {
      int got = bytes.read(buffer);
      while (got >= 0) {
        var _ = writer.write(ByteBuffer.wrap(buffer, 0, got));
        got = bytes.read(buffer);
      }
      writer.commit();
    }
  }

  /** The program comes from here each time: no layer can have changed it. */
  private static void unpack(Sandbox sandbox, List<String> arguments, BuildLog log)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("/usr/bin/python3", "-I", "-S", "-"));
    words.addAll(arguments);
    Command command = Command.words(words).in("/").within(ONE_LAYER).reading(script());
    int code = sandbox.run(command, log);
    if (code != 0) {
      throw new BuildFailure("PULL_FAILED", "from: a layer could not be unpacked");
    }
  }

  private static Map<String, String> env(RemoteImage remote) {
    Map<String, String> env = new LinkedHashMap<>();
    for (String name :
        List.of(
            "SSL_CERT_FILE",
            "CURL_CA_BUNDLE",
            "REQUESTS_CA_BUNDLE",
            "PIP_CERT",
            "GIT_SSL_CAINFO",
            "NODE_EXTRA_CA_CERTS")) {
      env.put(name, BUNDLE);
    }
    env.put("LANG", "C.UTF-8");
    env.putAll(remote.env());
    return env;
  }

  private static byte[] script() throws IOException {
    try (InputStream script = Pulls.class.getResourceAsStream("unpack.py")) {
      return Objects.requireNonNull(script, "unpack.py is not in the jar").readAllBytes();
    }
  }
}

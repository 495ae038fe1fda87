package com.atoll.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The bare OCI runtime, used by its own command line with the configuration of a sandbox: user
 * namespace, seccomp, limits, an overlay over the same image, a network namespace. Overlay and
 * network namespace are made before the clock starts. Runs in the node's mount namespace, where the
 * images are mounted.
 */
final class OciBaseline implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path scratch;
  private final ObjectNode config;
  private final Path image;
  private final String name;
  private final AtomicInteger numbers = new AtomicInteger();

  private OciBaseline(Path scratch, ObjectNode config, Path image, String name) {
    this.scratch = scratch;
    this.config = config;
    this.image = image;
    this.name = name;
  }

  /** A baseline with the configuration of a sandbox of this installation. */
  static OciBaseline like(Setup setup) throws IOException, InterruptedException {
    String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
    try {
      Path run = setup.installation().run();
      Path bundles = run.resolve("bundles");
      Path any;
      try (Stream<Path> each = Files.walk(bundles, 2)) {
        any =
            each.filter(file -> file.getFileName().toString().equals("config.json"))
                .findFirst()
                .orElseThrow(() -> new IOException("no bundle below " + bundles));
      }
      Path image;
      try (Stream<Path> each = Files.list(run.resolve("images"))) {
        image =
            each.filter(folder -> Files.isDirectory(folder.resolve("workspace")))
                .findFirst()
                .orElseThrow(() -> new IOException("no image is mounted below " + run));
      }
      String name = "bench" + ProcessHandle.current().pid();
      // On the sandboxes' own file system, so that the overlay's upper is of the same kind.
      Path scratch = Files.createDirectory(run.resolve("trees").resolve(name));
      Shell.run("ip", "netns", "add", name);
      ObjectNode config = (ObjectNode) JSON.readTree(any.toFile());
      adapt(config, setup.installation().id(), name);
      return new OciBaseline(scratch, config, image, name);
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
  }

  private static void adapt(ObjectNode config, String installation, String name) {
    ObjectNode process = (ObjectNode) config.path("process");
    process.set("args", JSON.createArrayNode().add("/bin/sleep").add("600"));
    process.put("cwd", "/");
    ObjectNode linux = (ObjectNode) config.path("linux");
    linux.put("cgroupsPath", "/atoll-" + installation + "/" + name);
    for (JsonNode namespace : linux.path("namespaces")) {
      if (namespace.path("type").asString().equals("network")) {
        ((ObjectNode) namespace).put("path", "/run/netns/" + name);
      } else if (namespace.path("type").asString().equals("user")) {
        // The node makes a sandbox's ahead; the runtime makes the baseline's by the mappings.
        ((ObjectNode) namespace).remove("path");
      }
    }
    ArrayNode mounts = (ArrayNode) config.path("mounts");
    for (int i = mounts.size() - 1; i >= 0; i--) {
      String source = mounts.get(i).path("source").asString("");
      if (source.startsWith("/run/atoll/")) {
        mounts.remove(i);
      }
    }
  }

  /** A container of the baseline. */
  final class Container implements AutoCloseable {
    private final String id;
    private final Path folder;

    Container() throws IOException {
      this.id = name + "-" + numbers.incrementAndGet();
      this.folder = Files.createDirectory(scratch.resolve(id));
      long base = config.path("linux").path("uidMappings").get(0).path("hostID").asLong();
      for (String part : List.of("u", "w", "root")) {
        Files.createDirectory(folder.resolve(part));
      }
      Shell.run("chown", base + ":" + base, folder + "/u", folder + "/w");
      Shell.run(
          "mount",
          "-t",
          "overlay",
          "overlay",
          "-o",
          "lowerdir=" + image + ",upperdir=" + folder + "/u,workdir=" + folder + "/w",
          folder + "/root");
      ObjectNode mine = config.deepCopy();
      ((ObjectNode) mine.path("root")).put("path", folder + "/root");
      ObjectNode linux = (ObjectNode) mine.path("linux");
      linux.put("cgroupsPath", linux.path("cgroupsPath").asString() + "/" + id);
      Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(mine));
    }

    void start() throws IOException {
      // Its standard streams stay with the container, which becomes their owner: files of its own,
      // no pipe of ours that would never end, and never the host's null device.
      Process process =
          new ProcessBuilder(
                  "crun", "--root", scratch + "/state", "run", "-d", "-b", folder.toString(), id)
              .redirectInput(Files.createFile(folder.resolve("in")).toFile())
              .redirectOutput(folder.resolve("out").toFile())
              .redirectError(folder.resolve("error").toFile())
              .start();
      if (Shell.ended(process) != 0) {
        throw new IOException("crun run: " + Files.readString(folder.resolve("error")));
      }
    }

    void exec(Samples samples) throws Exception {
      samples.time(() -> Shell.run("crun", "--root", scratch + "/state", "exec", id, "true"));
    }

    @Override
    public void close() throws IOException {
      Shell.run("crun", "--root", scratch + "/state", "delete", "-f", id);
      Shell.run("umount", folder + "/root");
      Shell.run("rm", "-rf", folder.toString());
    }
  }

  /** A running container. */
  Container start() throws IOException {
    Container container = new Container();
    try {
      container.start();
      return container;
    } catch (IOException failure) {
      container.close();
      throw failure;
    }
  }

  /** Times one start with one command. */
  void startAndExec(Samples samples) throws Exception {
    try (Container container = new Container()) {
      long begin = System.nanoTime();
      container.start();
      container.exec(new Samples());
      samples.add(System.nanoTime() - begin);
    }
  }

  /** Starts so many at once; each duration counts from the start of the burst. */
  void burst(int count, Samples samples) throws Exception {
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      containers.add(new Container());
    }
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      long begin = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (Container container : containers) {
        running.add(
            many.submit(() -> {
              container.start();
              container.exec(new Samples());
              samples.add(System.nanoTime() - begin);
              return container;
            }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      for (Container container : containers) {
        container.close();
      }
    }
  }

  @Override
  public void close() {
    try {
      Shell.run("ip", "netns", "delete", name);
      Shell.run("rm", "-rf", scratch.toString());
      for (String hierarchy : hierarchies()) {
        String parent = config.path("linux").path("cgroupsPath").asString();
        Path left = Path.of(hierarchy + parent);
        if (Files.isDirectory(left)) {
          Shell.run("rmdir", left.toString());
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<String> hierarchies() throws IOException {
    List<String> found = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(" - cgroup")) {
        found.add(line.split(" ", -1)[4]);
      }
    }
    return found;
  }
}

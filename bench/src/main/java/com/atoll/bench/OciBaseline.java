package com.atoll.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
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

  /** What its network namespace, folder and control group are called, before the process id. */
  private static final String PREFIX = "bench";

  private final Path scratch;
  private final ObjectNode config;
  private final Path image;
  private final String name;
  private final AtomicInteger numbers = new AtomicInteger();
  private final Deque<Container> open = new ConcurrentLinkedDeque<>();

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
      String name = PREFIX + ProcessHandle.current().pid();
      ObjectNode config = (ObjectNode) JSON.readTree(any.toFile());
      adapt(config, setup.installation().id(), name);
      // On the sandboxes' own file system, so that the overlay's upper is of the same kind.
      Path scratch = Files.createDirectory(run.resolve("trees").resolve(name));
      OciBaseline made = new OciBaseline(scratch, config, image, name);
      try {
        Shell.run("ip", "netns", "add", name);
        return made;
      } catch (IOException failure) {
        made.close();
        throw failure;
      }
    } finally {
      setup.api().delete("/sandboxes/" + id);
    }
  }

  /** Removes what benchmarks that were killed have left on this installation. */
  static void sweep(Setup setup) throws IOException {
    Path trees = setup.installation().run().resolve("trees");
    try (Stream<Path> all = Files.list(trees)) {
      for (Path scratch : all.filter(OciBaseline::isLeft).toList()) {
        String name = scratch.getFileName().toString();
        ObjectNode config = JSON.createObjectNode();
        config.putObject("linux").put("cgroupsPath", group(setup.installation().id(), name));
        try (OciBaseline left = new OciBaseline(scratch, config, scratch, name);
            Stream<Path> folders = Files.list(scratch)) {
          folders
              .filter(folder -> folder.getFileName().toString().startsWith(name + "-"))
              .forEach(folder -> left.open.add(left.new Container(folder)));
        }
      }
    }
  }

  private static boolean isLeft(Path folder) {
    String name = folder.getFileName().toString();
    return name.matches(PREFIX + "[0-9]+")
        && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length()))).isEmpty();
  }

  private static String group(String installation, String name) {
    return "/atoll-" + installation + "/" + name;
  }

  private static void adapt(ObjectNode config, String installation, String name) {
    ObjectNode process = (ObjectNode) config.path("process");
    process.set("args", JSON.createArrayNode().add("/bin/sleep").add("600"));
    process.put("cwd", "/");
    ObjectNode linux = (ObjectNode) config.path("linux");
    linux.put("cgroupsPath", group(installation, name));
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

    private Container(Path folder) {
      this.id = folder.getFileName().toString();
      this.folder = folder;
    }

    private void prepare() throws IOException {
      Files.createDirectory(folder);
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
      // Not there when it was cut short while it was made.
      if (Files.isDirectory(folder.resolve("root/usr"))) {
        Shell.run("umount", folder + "/root");
      }
      Shell.run("rm", "-rf", "--one-file-system", folder.toString());
      open.remove(this);
    }
  }

  private Container prepared() throws IOException {
    Stop.check();
    Container container = new Container(scratch.resolve(name + "-" + numbers.incrementAndGet()));
    open.add(container);
    container.prepare();
    return container;
  }

  /** A running container. */
  Container start() throws IOException {
    Container container = prepared();
    container.start();
    return container;
  }

  /** Times one start with one command. */
  void startAndExec(Samples samples) throws Exception {
    try (Container container = prepared()) {
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
      containers.add(prepared());
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
    }
    for (Container container : containers) {
      container.close();
    }
  }

  /** Removes all of it, containers that are still there too. */
  @Override
  public void close() {
    try {
      for (Container container : open) {
        container.close();
      }
      if (Files.exists(Path.of("/run/netns", name))) {
        Shell.run("ip", "netns", "delete", name);
      }
      Shell.run("rm", "-rf", "--one-file-system", scratch.toString());
      String parent = config.path("linux").path("cgroupsPath").asString();
      for (String hierarchy : hierarchies()) {
        Path left = Path.of(hierarchy + parent);
        if (Files.isDirectory(left)) {
          Shell.run("rmdir", left.toString());
        }
      }
      // On a hybrid host the runtime takes a plain folder of the node's for a hierarchy.
      Shell.run("rm", "-rf", "--one-file-system", "/sys/fs/cgroup/unified" + parent);
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

package com.atoll.node.images;

import com.atoll.node.linux.HostProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds one image at a time in a scratch folder of its own. */
final class ImageBuilder {
  private static final Logger LOG = LoggerFactory.getLogger(ImageBuilder.class);
  private static final int KEPT_LINES = 12;

  private final Path scratch;
  private final Object lock = new Object();
  private @Nullable Process running;
  private boolean stopped;

  ImageBuilder(Path scratch) {
    this.scratch = scratch;
  }

  /** Builds the image file; it appears under its name when it is complete. */
  void build(TemplateSource source, Path target) throws IOException {
    long started = System.nanoTime();
    refuseWhenStopped();
    sweep();
    Files.createDirectories(scratch);
    try {
      Path root = scratch.resolve("root");
      Path extra = new ImageFiles(source).assemble(scratch.resolve("extra"));
      run(bootstrap(source, root, extra));
      long built = System.nanoTime();
      tidy(source.template(), root);
      Path half = scratch.resolve("image.erofs");
      run(List.of(program("mkfs.erofs"), "-d1", "-zlz4", half.toString(), root.toString()));
      try (RandomAccessFile file = new RandomAccessFile(half.toFile(), "rw")) {
        file.getFD().sync();
      }
      Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
      LOG.info(
          "Template {}: packages {} s, packing {} s, {} MB",
          source.id(),
          (built - started) / 1_000_000_000,
          (System.nanoTime() - built) / 1_000_000_000,
          Files.size(target) >> 20);
    } finally {
      sweep();
    }
  }

  /**
   * In namespaces of its own: when the first process ends, in whatever way, so do all others and
   * their mounts.
   */
  private static List<String> bootstrap(TemplateSource source, Path root, Path extra)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            program("unshare"),
            "--mount",
            "--propagation=private",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            program("mmdebstrap")));
    words.addAll(List.of("--mode=root", "--variant=minbase", "--format=directory"));
    for (String left : List.of("man", "info", "locale", "doc", "lintian", "bug")) {
      words.add("--dpkgopt=path-exclude=/usr/share/" + left + "/*");
    }
    words.add("--dpkgopt=path-include=/usr/share/doc/*/copyright");
    words.add("--aptopt=Apt::Install-Recommends \"false\"");
    words.add("--aptopt=Acquire::Retries \"3\"");
    words.add("--aptopt=Acquire::Languages \"none\"");
    words.add("--include=ca-certificates," + String.join(",", source.template().packages()));
    words.add("--customize-hook=sync-in " + extra + " /");
    words.add("--customize-hook=chroot \"$1\" update-ca-certificates");
    for (String step : source.template().steps()) {
      words.add("--customize-hook=chroot \"$1\" /bin/sh -ec " + quoted(step));
    }
    words.addAll(List.of(source.suite(), root.toString(), AptMirror.find()));
    return words;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** What a running system makes for itself, and what the template leaves out. */
  private static void tidy(Template template, Path root) throws IOException {
    List<String> remove = new ArrayList<>(template.remove());
    remove.addAll(List.of("dev", "var/cache/apt", "var/lib/apt/lists", "var/log", "run"));
    for (String place : remove) {
      removeTree(inside(root, place));
    }
    for (String empty : List.of("dev", "proc", "sys", "run", "var/log", "var/lib/apt/lists")) {
      Files.createDirectories(inside(root, empty));
    }
    Files.createDirectories(inside(root, "var/lib/apt/lists/partial"));
    Files.createDirectories(inside(root, "var/cache/apt/archives/partial"));
    for (Map.Entry<String, String> link : template.links().entrySet()) {
      Path place = inside(root, link.getKey());
      Files.deleteIfExists(place);
      Files.createSymbolicLink(place, Path.of(link.getValue()));
    }
  }

  /** A place of the image that no symbolic link of it leads elsewhere. */
  private static Path inside(Path root, String place) throws IOException {
    Path path = root.resolve(place);
    Path existing = path.getParent();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !existing.toRealPath().startsWith(root.toRealPath())) {
      throw new IOException("/" + place + " leads out of the image");
    }
    return path;
  }

  private void run(List<String> words) throws IOException {
    Process process;
    synchronized (lock) {
      refuseWhenStopped();
      ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
      builder.environment().put("PATH", HostProgram.searchPath());
      builder.environment().put("LC_ALL", "C.UTF-8");
      builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      process = builder.start();
      running = process;
    }
    Deque<String> last = new ArrayDeque<>();
    try (BufferedReader output = process.inputReader()) {
      output
          .lines()
          .map(ImageBuilder::bounded)
          .forEach(line -> {
            if (line.startsWith("I: ")) {
              LOG.info("Build: {}", line.substring(3));
            }
            if (last.size() == KEPT_LINES) {
              last.removeFirst();
            }
            last.addLast(line);
          });
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(
            Path.of(words.getFirst()).getFileName()
                + " ended with "
                + code
                + ": "
                + String.join(" | ", last));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the build was interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private void refuseWhenStopped() throws IOException {
    synchronized (lock) {
      if (stopped) {
        throw new IOException("the node is stopping");
      }
    }
  }

  private static String bounded(String line) {
    return line.length() > 300 ? line.substring(0, 300) : line;
  }

  /** Ends a running build and refuses new ones. */
  void stop() {
    synchronized (lock) {
      stopped = true;
      if (running != null) {
        running.destroyForcibly();
      }
    }
  }

  /** Ends builds that a crash left running, and removes what is left of them. */
  void sweep() throws IOException {
    if (!Files.exists(scratch)) {
      return;
    }
    // One that has just begun may have forked since it was seen.
    List<ProcessHandle> left = builds();
    while (!left.isEmpty()) {
      for (ProcessHandle process : left) {
        process.destroyForcibly();
        process.onExit().join();
      }
      left = builds();
    }
    removeTree(scratch);
  }

  private List<ProcessHandle> builds() {
    return ProcessHandle.allProcesses().filter(this::isOurBuild).toList();
  }

  private boolean isOurBuild(ProcessHandle process) {
    return process
        .info()
        .arguments()
        .filter(words -> List.of(words).contains(scratch.resolve("root").toString()))
        .isPresent();
  }

  private static void removeTree(Path place) throws IOException {
    HostProgram.require("rm").run("-rf", "--one-file-system", "--", place.toString());
  }

  private static String program(String name) throws IOException {
    return HostProgram.require(name).path().toString();
  }
}

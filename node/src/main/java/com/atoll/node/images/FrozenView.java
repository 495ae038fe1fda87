package com.atoll.node.images;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.Mounts;
import com.atoll.node.trees.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * A tree that nobody writes to over its image, mounted read-only for as long as this is open.
 * Nothing in it moves, so that a path that was looked at once is what it was; links in it are
 * followed by {@link #resolve} only, never by the host.
 */
public final class FrozenView implements AutoCloseable {
  private static final int MOST_LINKS = 40;
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Path root;

  private FrozenView(Path root) {
    this.root = root;
  }

  /** Mounts the tree below {@code views}. */
  public static FrozenView open(Path views, Tree frozen, Image image) throws IOException {
    Files.createDirectories(views);
    Path root = Files.createDirectory(views.resolve("v" + NUMBERS.incrementAndGet()));
    List<Path> layers = new ArrayList<>(List.of(frozen.upper()));
    layers.addAll(image.lowers());
    try {
      mount(root, layers);
    } catch (IOException | RuntimeException e) {
      Files.delete(root);
      throw e;
    }
    return new FrozenView(root);
  }

  /**
   * The kernel follows links in the paths of layers, and who wrote a layer may have put one on the
   * way: it gets what was opened without any. Such paths are short, too, and all of them together
   * have to fit into one page.
   */
  private static void mount(Path root, List<Path> layers) throws IOException {
    List<Descriptor> opened = new ArrayList<>();
    try {
      for (Path layer : layers) {
        opened.add(open(layer));
      }
      String lowers =
          opened.stream().map(layer -> layer.path().toString()).collect(Collectors.joining(":"));
      Mounts.mount(
          "overlay",
          root,
          "overlay",
          Mounts.READ_ONLY | Mounts.NO_SUID | Mounts.NO_DEVICES | Mounts.NO_EXEC,
          "lowerdir=" + lowers);
    } finally {
      opened.forEach(Descriptor::close);
    }
  }

  private static Descriptor open(Path layer) throws IOException {
    try {
      return Descriptor.openWithoutLinks(layer, Descriptor.PATH | Descriptor.DIRECTORY);
    } catch (LinuxException e) {
      // No path that a tenant asked for: to say that it does not exist would be wrong.
      throw new IOException("a layer cannot be opened: " + e.getMessage(), e);
    }
  }

  /** Ends what a crashed process left mounted. */
  public static void sweep(Path views) throws IOException {
    if (!Files.isDirectory(views, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var left = Files.newDirectoryStream(views)) {
      for (Path view : left) {
        Mounts.unmount(view);
        Files.deleteIfExists(view);
      }
    }
  }

  /** Where it is mounted; paths below it that tenants wrote are opened inside of it only. */
  public Path root() {
    return root;
  }

  /** The place of an absolute path as the workload's root sees it, without a link on its way. */
  public Path resolve(String path) throws IOException {
    Deque<String> left = new ArrayDeque<>();
    push(left, path);
    Path at = root;
    int links = 0;
    while (!left.isEmpty()) {
      String name = left.pop();
      if (name.equals("..")) {
        at = at.equals(root) ? root : parent(at);
        continue;
      }
      Path next = at.resolve(name);
      if (Files.isSymbolicLink(next)) {
        if (++links > MOST_LINKS) {
          throw missing(path);
        }
        String target = Files.readSymbolicLink(next).toString();
        if (target.startsWith("/")) {
          at = root;
        }
        push(left, target);
      } else if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        at = next;
      } else {
        throw missing(path);
      }
    }
    return at;
  }

  /** The absolute path inside of a place. */
  public String inside(Path place) {
    String relative = root.relativize(place).toString();
    return relative.isEmpty() ? "/" : "/" + relative;
  }

  @Override
  public void close() throws IOException {
    Mounts.detach(root);
    Files.deleteIfExists(root);
  }

  private static void push(Deque<String> left, String path) {
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      if (!names[i].isEmpty() && !names[i].equals(".")) {
        left.push(names[i]);
      }
    }
  }

  private static Path parent(Path at) {
    Path parent = at.getParent();
    return parent == null ? at : parent;
  }

  private static NodeFault missing(String path) {
    return NodeFault.notFound("PATH_NOT_FOUND", path + " does not exist");
  }
}

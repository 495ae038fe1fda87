package com.atoll.node.images;

import com.atoll.node.images.ImageException.Reason;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.Tree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The records of images that were made in sandboxes, and what they are made of. */
final class BuiltImages {
  /** The template that asks for containers inside; so do all that are made from it. */
  private static final String NESTING = "docker";

  private final RecordFolder<BuiltImage> records;
  private final Function<String, Optional<Tree>> trees;
  private final Map<String, BuiltImage> known = new ConcurrentHashMap<>();

  BuiltImages(RecordFolder<BuiltImage> records, Function<String, Optional<Tree>> trees)
      throws IOException {
    this.records = records;
    this.trees = trees;
    for (BuiltImage image : records.all()) {
      known.put(image.digest(), image);
    }
  }

  Collection<BuiltImage> all() {
    return known.values();
  }

  Optional<BuiltImage> find(String digest) {
    return Optional.ofNullable(known.get(digest));
  }

  /** Whether its own files are there. */
  boolean isWhole(BuiltImage image) {
    return image.tree().isEmpty() || trees.apply(image.tree()).isPresent();
  }

  /** Makes it known; forgotten at the end of this process unless it is kept. */
  void offer(BuiltImage image) {
    known.put(image.digest(), image);
  }

  /** Keeps it: a crash after this finds it again. */
  void keep(BuiltImage image) {
    records.write(image.digest(), image);
    known.put(image.digest(), image);
  }

  void forget(String digest) {
    records.delete(digest);
    known.remove(digest);
  }

  Set<String> trees() {
    Set<String> used = new HashSet<>();
    known.values().stream()
        .map(BuiltImage::tree)
        .filter(tree -> !tree.isEmpty())
        .forEach(used::add);
    return used;
  }

  /** These images and everything that they stand on. */
  Set<String> withBases(Set<String> digests) {
    Set<String> all = new HashSet<>(digests);
    List<String> open = new ArrayList<>(digests);
    while (!open.isEmpty()) {
      BuiltImage image = known.get(open.removeLast());
      if (image != null && !image.base().isEmpty() && all.add(image.base())) {
        open.add(image.base());
      }
    }
    return all;
  }

  /** The layers of an image; the one below is found by its digest. */
  Image compose(BuiltImage image, Function<String, Image> byDigest) {
    if (!image.inner().isEmpty()) {
      return new Image(
          image.name(),
          image.digest(),
          inner(image),
          image.sizeBytes(),
          port(image, 3000),
          image.env());
    }
    Image base = byDigest.apply(image.base());
    List<Path> layers = new ArrayList<>(base.layers());
    if (!image.tree().isEmpty()) {
      layers.addFirst(upper(image));
    }
    if (layers.size() > Image.MOST_LAYERS) {
      throw new ImageException(Reason.FAILED, "more than " + Image.MOST_LAYERS + " layers");
    }
    Map<String, String> env = new LinkedHashMap<>(base.env());
    env.putAll(image.env());
    return new Image(
        image.name(),
        image.digest(),
        base.root(),
        layers,
        base.sizeBytes() + image.sizeBytes(),
        port(image, base.previewPort()),
        env,
        base.nesting() || isNesting(image.name()));
  }

  /**
   * Where a tree holds a whole root file system. Whoever wrote the tree may have put a link
   * anywhere on the way. The tree is frozen: what is no link now never becomes one.
   */
  private Path inner(BuiltImage image) {
    int kind = Descriptor.PATH | Descriptor.DIRECTORY;
    Path upper = upper(image);
    Path inner = Path.of(image.inner());
    boolean below =
        !inner.isAbsolute() && inner.equals(inner.normalize()) && !inner.startsWith("..");
    if (below) {
      try (Descriptor tree = Descriptor.open(upper, kind);
          Descriptor _ = Descriptor.openWithoutLinks(tree, inner.toString(), kind)) {
        return upper.resolve(inner);
      } catch (LinuxException e) {
        // Anything else may pass, and an image that has failed is made again.
        if (!e.is(Errno.ELOOP) && !e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
          throw e;
        }
      }
    }
    throw new ImageException(Reason.FAILED, image.name() + " holds no root file system");
  }

  /** One that came from another node has the name that it had there, and more behind a "~". */
  private static boolean isNesting(String name) {
    return name.equals(NESTING) || name.startsWith(NESTING + BuiltImage.ELSEWHERE);
  }

  private Path upper(BuiltImage image) {
    return trees
        .apply(image.tree())
        .orElseThrow(() -> new ImageException(Reason.FAILED, image.name() + " has lost its files"))
        .upper();
  }

  private static int port(BuiltImage image, int otherwise) {
    return image.previewPort() == 0 ? otherwise : image.previewPort();
  }
}

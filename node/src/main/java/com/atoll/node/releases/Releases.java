package com.atoll.node.releases;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.FrozenView;
import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.Tree;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.workloads.WorkloadRecord.Origin;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The immutable releases of this node. Each is a frozen tree, a path in it and a record. */
public final class Releases {
  private static final String UNFINISHED = ".tmp";

  private final TreeStore trees;
  private final Images images;
  private final RecordFolder<ReleaseRecord> folder;
  private final Path exports;
  private final Path views;
  private final int gid;
  private final Map<String, ReleaseRecord> known = new ConcurrentHashMap<>();
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  /**
   * Releases of this machine.
   *
   * @param exports where static files go
   * @param views where trees are mounted while they are read
   * @param gid the group that may read exports
   */
  public Releases(
      TreeStore trees,
      Images images,
      RecordFolder<ReleaseRecord> folder,
      Path exports,
      Path views,
      int gid) {
    this.trees = trees;
    this.images = images;
    this.folder = folder;
    this.exports = exports;
    this.views = views;
    this.gid = gid;
  }

  /** Reads the records and clears away what a crash left unfinished. */
  public void open() throws IOException {
    for (ReleaseRecord record : folder.all()) {
      known.put(record.id(), record);
    }
    FrozenView.sweep(views);
    Files.createDirectories(exports);
    Files.setAttribute(exports, "unix:gid", gid);
    Files.setPosixFilePermissions(
        exports, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-x---"));
    Set<String> wanted =
        known.values().stream()
            .flatMap(release -> release.exports().stream())
            .collect(Collectors.toSet());
    try (DirectoryStream<Path> found = Files.newDirectoryStream(exports)) {
      for (Path export : found) {
        if (!wanted.contains(String.valueOf(export.getFileName()))) {
          StaticExport.remove(export);
        }
      }
    }
  }

  /** Trees that belong to releases. */
  public Set<String> trees() {
    return known.values().stream().map(r -> r.origin().tree()).collect(Collectors.toSet());
  }

  /** Images that releases stand on. */
  public Set<String> images() {
    return known.values().stream().map(r -> r.origin().imageDigest()).collect(Collectors.toSet());
  }

  /** All of them. */
  public List<ReleaseRecord> list() {
    return List.copyOf(known.values());
  }

  /** One of them. */
  public Optional<ReleaseRecord> find(String id) {
    return Optional.ofNullable(known.get(id));
  }

  /** One of them; NOT_FOUND. */
  public ReleaseRecord get(String id) {
    return find(id)
        .orElseThrow(
            () -> NodeFault.notFound("RELEASE_NOT_FOUND", "no release " + id + " on this node"));
  }

  /** Freezes a directory of a workload; the same release when it is asked for again. */
  public ReleaseRecord freeze(String id, Workloads workloads, String workloadId, String path) {
    synchronized (lock(id)) {
      Optional<ReleaseRecord> there = find(id);
      if (there.isPresent()) {
        return there.get();
      }
      String tree = "r-" + id;
      trees.drop(tree); // Left by a crash between freeze and record.
      Origin origin = workloads.keepTree(workloadId, tree).origin();
      try {
        CrashPoint.PUBLISH_FROZEN.reach();
        ReleaseRecord record = describe(id, origin, path);
        folder.write(id, record);
        known.put(id, record);
        CrashPoint.PUBLISH_RECORDED.reach();
        return record;
      } catch (RuntimeException e) {
        trees.drop(tree);
        throw e;
      }
    }
  }

  /** Copies its files, or those of a directory in it, to where the edge reads them. */
  public ReleaseRecord export(String id, String subdirectory, String exportId) {
    synchronized (lock(id)) {
      ReleaseRecord release = get(id);
      if (release.exports().contains(exportId)) {
        return release;
      }
      Path done = exports.resolve(exportId);
      Path unfinished = exports.resolve(exportId + UNFINISHED);
      try {
        if (Files.exists(done, LinkOption.NOFOLLOW_LINKS)) {
          throwIfOthers(id, exportId);
          StaticExport.remove(done);
        }
        StaticExport.remove(unfinished);
        copy(release, subdirectory, unfinished);
        CrashPoint.PUBLISH_COPIED.reach();
        Files.move(unfinished, done, StandardCopyOption.ATOMIC_MOVE);
        StaticExport.sync(exports);
        CrashPoint.PUBLISH_EXPORTED.reach();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot export release " + id, e);
      } finally {
        removeQuietly(unfinished);
      }
      ReleaseRecord exported = release.exported(exportId);
      folder.write(id, exported);
      known.put(id, exported);
      return exported;
    }
  }

  /** Gives a release and its exports up. */
  public void drop(String id) {
    synchronized (lock(id)) {
      ReleaseRecord release = known.get(id);
      if (release == null) {
        return;
      }
      folder.delete(id);
      known.remove(id);
      for (String export : release.exports()) {
        removeQuietly(exports.resolve(export));
      }
      trees.drop(release.origin().tree());
    }
  }

  /**
   * What a workload that runs the release starts from. Closed once the workload has its own fork.
   *
   * @param origin template, image and a tree that nobody writes to
   */
  public record Start(Origin origin, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /**
   * The release itself, or, on another template than its own, a fresh tree that holds a copy of its
   * files in {@code /workspace}.
   */
  public Start start(String id, String templateId) {
    ReleaseRecord release = get(id);
    if (keepsTree(release, templateId)) {
      return new Start(release.origin(), () -> {});
    }
    Image image;
    try {
      image = images.get(templateId);
    } catch (ImageException e) {
      throw NodeFault.unavailable(
          "TEMPLATE_UNAVAILABLE", "template " + templateId + " is not ready: " + e.getMessage());
    }
    String tree = "c-" + UUID.randomUUID();
    Tree copy = trees.create(tree, 0);
    try (FrozenView view = view(release.origin())) {
      new TreeCopy().copy(view.resolve(release.path()), copy.upper().resolve("workspace"));
    } catch (IOException e) {
      trees.drop(tree);
      throw new UncheckedIOException("cannot copy the files of release " + id, e);
    } catch (RuntimeException e) {
      trees.drop(tree);
      throw e;
    }
    return new Start(new Origin(templateId, image.digest(), tree), () -> trees.drop(tree));
  }

  /** The directory that holds the release in a workload that was started from it. */
  public static String directory(ReleaseRecord release, String templateId) {
    return keepsTree(release, templateId) ? release.path() : "/workspace";
  }

  private static boolean keepsTree(ReleaseRecord release, String templateId) {
    return templateId.isEmpty() || templateId.equals(release.origin().templateId());
  }

  private ReleaseRecord describe(String id, Origin origin, String path) {
    try (FrozenView view = view(origin)) {
      Path place = directory(view, path);
      Manifest manifest = Manifest.of(place);
      return new ReleaseRecord(
          id,
          origin,
          view.inside(place),
          manifest.digest(),
          manifest.sizeBytes(),
          manifest.entries(),
          manifest.topLevel(),
          List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the files of release " + id, e);
    }
  }

  private void copy(ReleaseRecord release, String subdirectory, Path target) throws IOException {
    try (FrozenView view = view(release.origin())) {
      Path root = view.resolve(release.path());
      Path source = directory(view, release.path() + "/" + subdirectory);
      if (!source.startsWith(root)) {
        throw NodeFault.precondition("UNPUBLISHABLE", "subdirectory: leads outside the release");
      }
      new StaticExport(view, root, gid).copy(source, target);
    }
  }

  private FrozenView view(Origin origin) throws IOException {
    Image image;
    try {
      image = images.byDigest(origin.imageDigest());
    } catch (ImageException e) {
      throw NodeFault.unavailable("IMAGE_MISSING", "its image is not on this node");
    }
    return FrozenView.open(views, trees.get(origin.tree()), image);
  }

  private static Path directory(FrozenView view, String path) throws IOException {
    Path place = view.resolve(path);
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      throw NodeFault.precondition("NOT_A_DIRECTORY", path + " is not a directory");
    }
    return place;
  }

  private void throwIfOthers(String id, String exportId) {
    for (ReleaseRecord other : known.values()) {
      if (!other.id().equals(id) && other.exports().contains(exportId)) {
        throw NodeFault.of(
            NodeFault.Kind.EXISTS, "EXPORT_EXISTS", "export_id: belongs to another release");
      }
    }
  }

  private static void removeQuietly(Path folder) {
    try {
      StaticExport.remove(folder);
    } catch (IOException e) {
      java.util.logging.Logger.getLogger(Releases.class.getName())
          .log(java.util.logging.Level.WARNING, e, () -> folder + " is left to the next start");
    }
  }

  private Object lock(String id) {
    return locks.computeIfAbsent(id, key -> new Object());
  }
}

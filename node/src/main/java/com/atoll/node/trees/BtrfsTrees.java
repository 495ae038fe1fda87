package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.trees.TreeException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Trees as subvolumes of one btrfs: {@code live/<id>} those in use, {@code making/} those half
 * made, {@code dropped/} those that wait for their end.
 */
final class BtrfsTrees implements TreeStore {
  private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,100}");
  private static final long MEGABYTE = 1L << 20;

  private final Volume volume;
  private final Path live;
  private final Path making;
  private final DroppedTrees dropped;
  private final String fileSystemId;
  private final boolean quotas;
  private final ConcurrentHashMap<String, Boolean> busy = new ConcurrentHashMap<>();

  BtrfsTrees(Volume volume) throws IOException {
    this.volume = volume;
    live = Files.createDirectories(volume.root().resolve("live"));
    making = Files.createDirectories(volume.root().resolve("making"));
    quotas = Btrfs.enableSimpleQuotas(volume.root());
    fileSystemId = Btrfs.fileSystemId(volume.root());
    dropped = new DroppedTrees(Files.createDirectories(volume.root().resolve("dropped")));
    for (String half : names(making)) {
      dropped.add(making.resolve(half));
    }
  }

  @Override
  public Tree create(String id, long limitMb) {
    return make(
        id,
        limitMb,
        () -> {
          Btrfs.create(making, id);
          Path tree = making.resolve(id);
          Files.createDirectory(tree.resolve("u"));
          Files.createDirectory(tree.resolve("w"));
        });
  }

  @Override
  public Tree fork(String sourceId, String id, long limitMb) {
    Path source = get(sourceId).path();
    return make(id, limitMb, () -> Btrfs.snapshot(source, making, id, false));
  }

  @Override
  public Tree freeze(String sourceId, String frozenId) {
    Path source = get(sourceId).path();
    return make(
        frozenId,
        -1,
        () -> {
          Btrfs.sync(source);
          Btrfs.snapshot(source, making, frozenId, true);
        });
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Nothing appears below {@code live} before it is complete. A negative limit leaves it alone. */
  private Tree make(String id, long limitMb, Step step) {
    validate(id);
    if (busy.putIfAbsent(id, true) != null) {
      throw new TreeException(Reason.EXISTS, "tree " + id + " is being made");
    }
    try {
      Path place = live.resolve(id);
      if (Files.exists(place)) {
        throw new TreeException(Reason.EXISTS, "tree " + id + " exists");
      }
      if (volume.full()) {
        throw new TreeException(Reason.FULL, "the disk of this machine is nearly full");
      }
      Path half = making.resolve(id);
      try {
        step.run();
        if (limitMb >= 0 && quotas) {
          Btrfs.limit(half, limitMb * MEGABYTE);
        }
        move(half, place);
        return new Tree(id, place);
      } catch (IOException | RuntimeException e) {
        if (Files.exists(half)) {
          dropped.add(half);
        }
        throw failure("make tree " + id, e);
      }
    } finally {
      busy.remove(id);
    }
  }

  /** A directory that nobody may write cannot change its parent. */
  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to);
    } catch (java.nio.file.FileSystemException readOnly) {
      Btrfs.setReadOnly(from, false);
      Files.move(from, to);
      Btrfs.setReadOnly(to, true);
    }
  }

  @Override
  public Optional<Tree> find(String id) {
    validate(id);
    Path place = live.resolve(id);
    return Files.isDirectory(place) ? Optional.of(new Tree(id, place)) : Optional.empty();
  }

  @Override
  public void sync() {
    Btrfs.sync(volume.root());
  }

  @Override
  public void resize(String id, long limitMb) {
    Path tree = get(id).path();
    if (quotas) {
      try {
        Btrfs.limit(tree, limitMb * MEGABYTE);
      } catch (LinuxException e) {
        throw failure("resize tree " + id, e);
      }
    }
  }

  @Override
  public void drop(String id) {
    find(id).ifPresent(tree -> dropped.add(tree.path()));
  }

  @Override
  public Set<String> list() {
    return names(live);
  }

  @Override
  public long usedBytes(String id) {
    try {
      return Btrfs.charged(fileSystemId, Btrfs.id(get(id).path()));
    } catch (IOException e) {
      throw failure("measure tree " + id, e);
    }
  }

  @Override
  public Capacity capacity() {
    return volume.capacity();
  }

  @Override
  public void close() {
    dropped.close();
    volume.close();
  }

  private static void validate(String id) {
    if (!ID.matcher(id).matches()) {
      throw new TreeException(Reason.INVALID_ID, "a tree id has 1 to 100 of a-z 0-9 _ -");
    }
  }

  static Set<String> names(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      Set<String> names = new TreeSet<>();
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
      return names;
    } catch (IOException e) {
      throw failure("list " + directory.getFileName(), e);
    }
  }

  private static TreeException failure(String what, Exception cause) {
    if (cause instanceof TreeException known) {
      return known;
    }
    boolean full =
        cause instanceof LinuxException refused
            && (refused.is(Errno.ENOSPC) || refused.is(Errno.EDQUOT));
    return new TreeException(
        full ? Reason.FULL : Reason.FAILED, what + ": " + cause.getMessage(), cause);
  }
}

package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.Btrfs.Copy;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.TreeException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Trees as subvolumes of one btrfs: {@code live/<id>} those in use, {@code arriving/} those that
 * come from elsewhere, {@code dropped/} those that wait for their end.
 */
final class BtrfsTrees implements TreeStore {
  private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,100}");
  private static final long MEGABYTE = 1L << 20;

  private final Volume volume;
  private final Path live;
  private final Path empty;
  private final DroppedTrees dropped;
  private final Arrivals arrivals;
  private final String fileSystemId;
  private final boolean quotas;
  private final Standstill standstill;
  private final KeptTrees kept;
  private final Limits limits;

  BtrfsTrees(Volume volume) throws IOException {
    this(volume, new Standstill());
  }

  BtrfsTrees(Volume volume, Standstill standstill) throws IOException {
    this.volume = volume;
    this.standstill = standstill;
    // Whoever mounts a tree refuses links on the way to it, the operator's too.
    live = Files.createDirectories(volume.root().resolve("live")).toRealPath();
    quotas = Btrfs.enableSimpleQuotas(volume.root());
    fileSystemId = Btrfs.fileSystemId(volume.root());
    dropped = new DroppedTrees(Files.createDirectories(volume.root().resolve("dropped")));
    empty = prepareEmpty(volume.root());
    arrivals = new Arrivals(volume.root().resolve("arriving"), dropped);
    kept = new KeptTrees(volume.root(), dropped);
    kept.sweep();
    limits = new Limits(fileSystemId);
  }

  private static Path prepareEmpty(Path root) throws IOException {
    Path empty = root.resolve("empty");
    if (!Files.exists(empty)) {
      Path half = root.resolve("empty.new");
      if (!Files.exists(half)) {
        Btrfs.create(root, "empty.new");
      }
      Files.createDirectories(half.resolve("u"));
      Files.createDirectories(half.resolve("w"));
      Files.move(half, empty);
    }
    return empty;
  }

  @Override
  public Tree create(String id, long limitMb) {
    return limited(copy(empty, id, upTo(limitMb)), limitMb);
  }

  @Override
  public Tree fork(String sourceId, String id, long limitMb) {
    Tree fork = limited(copy(get(sourceId).path(), id, upTo(limitMb)), limitMb);
    limits.copied(sourceId);
    return fork;
  }

  @Override
  public Tree freeze(String sourceId, String frozenId) {
    Tree frozen = copy(get(sourceId).path(), frozenId, new Copy.ReadOnly());
    limits.copied(sourceId);
    return frozen;
  }

  private Tree limited(Tree tree, long limitMb) {
    if (quotas && limitMb > 0) {
      limits.given(tree.id(), tree.path(), limitMb);
    }
    return tree;
  }

  private Copy upTo(long limitMb) {
    return quotas && limitMb > 0 ? new Copy.Limited(limitMb * MEGABYTE) : new Copy.Unlimited();
  }

  private Tree copy(Path source, String id, Copy copy) {
    validate(id);
    Path place = live.resolve(id);
    if (Files.exists(place)) {
      throw new TreeException(Reason.EXISTS, "tree " + id + " exists");
    }
    if (volume.full()) {
      throw new TreeException(Reason.FULL, "the disk of this machine is nearly full");
    }
    try (var _ = standstill.step()) {
      Btrfs.snapshot(source, live, id, copy);
      return new Tree(id, place);
    } catch (LinuxException e) {
      throw failure("make tree " + id, e);
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
        limits.set(id, tree, limitMb);
      } catch (IOException | LinuxException e) {
        throw failure("resize tree " + id, e);
      }
    }
  }

  @Override
  public void drop(String id) {
    try (var _ = standstill.step()) {
      limits.forget(id);
      find(id).ifPresent(tree -> drop(tree.path()));
    }
  }

  private void drop(Path tree) {
    try {
      dropped.add(tree);
    } catch (TreeException failed) {
      // Whoever drops the same one at this moment may have been faster.
      if (Files.exists(tree)) {
        throw failed;
      }
    }
  }

  @Override
  public List<KeptTree> keepAll(String name) {
    validate(name);
    try {
      List<KeptTree> all = kept.make(name, fileSystemId);
      list().forEach(limits::copied);
      return all;
    } catch (IOException | LinuxException e) {
      throw failure("keep all trees", e);
    }
  }

  @Override
  public void dropKept(String name) {
    validate(name);
    kept.drop(name);
  }

  @Override
  public Path root() {
    return volume.root();
  }

  @Override
  public Path arrivals() {
    if (volume.full()) {
      throw new TreeException(Reason.FULL, "the disk of this machine is nearly full");
    }
    try {
      return arrivals.make();
    } catch (IOException e) {
      throw failure("make room for trees from elsewhere", e);
    }
  }

  @Override
  public Tree adopt(Path arrived, String id) {
    return copy(arrived, id, new Copy.ReadOnly());
  }

  @Override
  public void dropArrivals(Path folder) {
    arrivals.drop(folder);
  }

  @Override
  public Set<String> list() {
    return names(live);
  }

  @Override
  public long usedBytes(String id) {
    try {
      long charged = Btrfs.charged(fileSystemId, Btrfs.id(get(id).path()));
      return Math.max(0, charged - limits.heldBytes(id));
    } catch (IOException e) {
      throw failure("measure tree " + id, e);
    }
  }

  @Override
  public long leftBytes(String id) {
    try {
      long number = Btrfs.id(get(id).path());
      long limit = Btrfs.limitOf(fileSystemId, number);
      return limit == 0
          ? Long.MAX_VALUE
          : limit - Btrfs.charged(fileSystemId, number) - Btrfs.reserved(fileSystemId, number);
    } catch (IOException | LinuxException e) {
      throw failure("measure tree " + id, e);
    }
  }

  @Override
  public Capacity capacity() {
    return volume.capacity();
  }

  @Override
  public void close() {
    limits.close();
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
    if (cause instanceof LinuxException refused && refused.is(Errno.EEXIST)) {
      return new TreeException(Reason.EXISTS, what + ": it exists", cause);
    }
    boolean full =
        cause instanceof LinuxException refused
            && (refused.is(Errno.ENOSPC) || refused.is(Errno.EDQUOT));
    return new TreeException(
        full ? Reason.FULL : Reason.FAILED, what + ": " + cause.getMessage(), cause);
  }
}

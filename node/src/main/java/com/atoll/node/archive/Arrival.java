package com.atoll.node.archive;

import static java.util.stream.Collectors.toSet;

import com.atoll.node.CrashPoint;
import com.atoll.node.archive.SnapshotArchive.Progress;
import com.atoll.node.snapshots.SnapshotRecord;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings snapshots back. They arrive in a folder that nobody else sees, and every byte is proven
 * before it is taken; what has arrived is kept only after the last one was.
 */
final class Arrival {
  private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);

  private final ArchiveStore store;
  private final TreeStore trees;
  private final Snapshots snapshots;

  private final ImageArchive images;

  Arrival(ArchiveStore store, TreeStore trees, Snapshots snapshots, ImageArchive images) {
    this.images = images;
    this.store = store;
    this.trees = trees;
    this.snapshots = snapshots;
  }

  /**
   * Brings the last one of a chain, the oldest first, each a change of the one before.
   *
   * @param as the id that it gets here
   * @param imageKey what opens the images that it stands on; null: they are here
   */
  void bring(List<ArchiveRef> chain, String as, byte @Nullable [] imageKey, Progress progress)
      throws IOException {
    Manifest last = manifest(chain.getLast());
    SnapshotRecord wanted = last.snapshot();
    if (imageKey == null) {
      bringTrees(chain, wanted.as(as, wanted.origin().imageDigest()), progress);
      return;
    }
    List<ImageArchive.Coming> coming =
        images.coming(store, chain.getLast().folder(), imageKey, last.images());
    Set<String> digests = coming.stream().map(ImageArchive.Coming::digest).collect(toSet());
    // Nothing stands on them yet, and they must not be swept before something does.
    try (var _ = snapshots.expect(digests)) {
      images.bring(store, coming, progress);
      bringTrees(chain, wanted.as(as, coming.getFirst().digest()), progress);
    }
  }

  private void bringTrees(List<ArchiveRef> chain, SnapshotRecord as, Progress progress)
      throws IOException {
    int from = chain.size() - 1;
    while (from > 0 && !snapshots.has(chain.get(from - 1).id())) {
      from--;
    }
    try {
      bring(chain, from, as, progress);
    } catch (DamagedArchiveException damaged) {
      throw damaged;
    } catch (IOException refused) {
      if (from == 0 || Thread.currentThread().isInterrupted()) {
        throw refused;
      }
      // The one here may be gone by now, or not be the very one that the change was made against.
      LOG.info(
          "A change does not fit what is here, all of it is brought: {}", refused.getMessage());
      bring(chain, 0, as, progress);
    }
  }

  private Manifest manifest(ArchiveRef ref) throws IOException {
    return Manifest.read(store, ref).orElseThrow(() -> SnapshotArchive.missing(ref.id()));
  }

  /**
   * Those of a chain from one of its links on. What lies before is here: how its copy fares does
   * not matter. A parent whose copy was made anew is the same parent, as no snapshot ever changes.
   */
  private List<Manifest> manifests(List<ArchiveRef> chain, int from) throws IOException {
    List<Manifest> manifests = new ArrayList<>();
    for (int i = from; i < chain.size(); i++) {
      Manifest manifest = manifest(chain.get(i));
      String before = i == 0 ? null : chain.get(i - 1).id();
      if (!Objects.equals(manifest.parent(), before)) {
        throw new DamagedArchiveException(chain.get(i).id() + " is no change of the one before it");
      }
      manifests.add(manifest);
    }
    return manifests;
  }

  private void bring(List<ArchiveRef> chain, int from, SnapshotRecord as, Progress progress)
      throws IOException {
    List<Manifest> manifests = manifests(chain, from);
    Path folder = trees.arrivals();
    long[] passed = {0};
    try {
      for (int i = from; i < chain.size(); i++) {
        receive(
            chain.get(i),
            manifests.get(i - from),
            folder,
            bytes -> {
              CrashPoint.RESTORE_BEGUN.reach();
              passed[0] += bytes;
              progress.at(passed[0]);
            });
      }
      CrashPoint.RESTORE_ARRIVED.reach();
      Manifest wanted = manifests.getLast();
      snapshots.adopt(as, folder.resolve(tree(wanted)));
    } finally {
      trees.dropArrivals(folder);
    }
  }

  private void receive(ArchiveRef ref, Manifest manifest, Path folder, TreeStreams.Meter meter)
      throws IOException {
    InputStream object =
        store.open(ref.data()).orElseThrow(() -> SnapshotArchive.missing(ref.id()));
    try (SealedInput input = new SealedInput(object, ref.key(), "data")) {
      if (!HexFormat.of().formatHex(input.salt()).equals(manifest.salt())) {
        throw new DamagedArchiveException("the data are not those of the manifest");
      }
      TreeStreams.receive(input, folder, meter);
    } finally {
      object.close();
    }
  }

  private static String tree(Manifest manifest) throws DamagedArchiveException {
    String tree = Snapshots.treeOf(manifest.snapshot().id());
    if (!tree.equals(manifest.snapshot().origin().tree())) {
      throw new DamagedArchiveException("its tree is that of another one");
    }
    return tree;
  }
}

package com.atoll.node.archive;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Images;
import com.atoll.node.snapshots.SnapshotRecord;
import com.atoll.node.snapshots.Snapshots;
import com.atoll.node.trees.TreeException;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots in the archive that the owner named. Objects come first and their manifest last; a
 * delete takes the manifest first. So whatever is cut short is no archived snapshot.
 */
public final class SnapshotArchive {
  private static final String DATA = "data";

  private final @Nullable String address;
  private final Path settings;
  private final TreeStore trees;
  private final Snapshots snapshots;
  private final ImageArchive images;
  private final Set<String> swept = ConcurrentHashMap.newKeySet();
  private @Nullable ArchiveStore opened;

  /**
   * The archive at an address.
   *
   * @param address a folder or {@code s3://bucket/prefix}; null: there is none
   * @param settings file that says how S3 is reached
   * @param images what snapshots stand on
   */
  public SnapshotArchive(
      @Nullable String address,
      Path settings,
      TreeStore trees,
      Snapshots snapshots,
      Images images) {
    this.address = address;
    this.settings = settings;
    this.trees = trees;
    this.snapshots = snapshots;
    this.images = new ImageArchive(images, trees);
  }

  /** Hears how much went by; what it throws ends the work. */
  public interface Progress {
    /** So many bytes in all, compressed. */
    void at(long bytes);
  }

  /**
   * What is in the archive.
   *
   * @param parent what it is a change of; null for nothing
   * @param bytes what it takes there
   * @param images digests of the images that are beside it
   */
  public record Archived(@Nullable String parent, long bytes, List<String> images) {
    /** Copies the digests. */
    public Archived {
      images = List.copyOf(images);
    }
  }

  /**
   * What goes along with a snapshot.
   *
   * @param imageKey what its images are sealed with; null: they stay
   * @param about what the caller wants to find beside it; null for nothing
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Company(byte @Nullable [] imageKey, byte @Nullable [] about) {
    /** Nothing. */
    public static final Company NONE = new Company(null, null);
  }

  /** What the archive says of a snapshot. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Description(
      @Nullable String parent, SnapshotRecord snapshot, byte @Nullable [] about) {}

  /** Work whose input or output may fail. */
  private interface Work<T> {
    T run(ArchiveStore store) throws IOException;
  }

  /** Puts a snapshot there, unless it is; as a change of the parent when the node still has it. */
  public Archived archive(
      ArchiveRef of, @Nullable ArchiveRef parent, Company company, Progress progress) {
    return on(
        of.folder(),
        store -> {
          Manifest there = manifestOf(store, of);
          if (there != null && stands(there, parent) && holdsData(store, of, there)) {
            return archived(there);
          }
          // Data that are written anew must not meet the manifest of others.
          store.delete(of.manifest());
          try (Snapshots.Held held = snapshots.hold(of.id());
              Base base = base(store, parent)) {
            return write(store, of, held.record(), base, company, progress);
          }
        });
  }

  /**
   * Whether all that a copy stands on is what the caller takes it to stand on, and keeps for it.
   * One whose answer was lost may have been asked for again as a change of another.
   */
  private static boolean stands(Manifest there, @Nullable ArchiveRef parent) {
    return there.parent() == null || (parent != null && there.parent().equals(parent.id()));
  }

  /** A parent that is on the node and in the archive, or none. */
  private record Base(Snapshots.@Nullable Held held, @Nullable Manifest manifest)
      implements AutoCloseable {
    @Override
    public void close() {
      if (held != null) {
        held.close();
      }
    }
  }

  private Base base(ArchiveStore store, @Nullable ArchiveRef parent) throws IOException {
    if (parent == null) {
      return new Base(null, null);
    }
    Manifest manifest = manifestOf(store, parent);
    if (manifest == null || !holdsData(store, parent, manifest)) {
      return new Base(null, null);
    }
    try {
      return new Base(snapshots.hold(parent.id()), manifest);
    } catch (NodeFault gone) {
      return new Base(null, null);
    }
  }

  private Archived write(
      ArchiveStore store,
      ArchiveRef of,
      SnapshotRecord record,
      Base base,
      Company company,
      Progress progress)
      throws IOException {
    Snapshots.Held parent = base.held();
    Manifest before = parent == null ? null : base.manifest();
    StreamKey key = StreamKey.fresh(of.key(), DATA);
    String salt = HexFormat.of().formatHex(key.salt());
    long size = sendData(store, of, record, parent, key, progress);
    CrashPoint.ARCHIVE_DATA.reach();
    byte[] imageKey = company.imageKey();
    List<String> beside =
        imageKey == null
            ? null
            : images.put(
                store,
                of.folder(),
                imageKey,
                record.origin().imageDigest(),
                bytes -> progress.at(size + bytes));
    Manifest manifest =
        new Manifest(
            1,
            record,
            salt,
            size,
            before == null ? null : before.snapshot().id(),
            before == null ? null : before.salt(),
            beside,
            company.about());
    manifest.write(store, of);
    CrashPoint.ARCHIVE_WRITTEN.reach();
    return archived(manifest);
  }

  private long sendData(
      ArchiveStore store,
      ArchiveRef of,
      SnapshotRecord record,
      Snapshots.@Nullable Held parent,
      StreamKey key,
      Progress progress)
      throws IOException {
    try (ArchiveStore.Upload upload = store.create(of.data())) {
      SealedOutput sealed = new SealedOutput(upload.output(), key);
      TreeStreams.send(
          trees.get(record.origin().tree()).path(),
          parent == null ? null : trees.get(parent.record().origin().tree()).path(),
          sealed,
          passed -> {
            CrashPoint.ARCHIVE_BEGUN.reach();
            progress.at(sealed.written());
          });
      sealed.finish();
      upload.commit();
      return sealed.written();
    }
  }

  private static Archived archived(Manifest manifest) {
    List<String> beside = manifest.images();
    return new Archived(
        manifest.parent(), manifest.objectBytes(), beside == null ? List.of() : beside);
  }

  /**
   * Brings the last one of a chain to this node, unless it is here.
   *
   * @param as the id that it gets here
   * @param imageKey what opens the images that it stands on; null: they are here
   */
  public void restore(
      List<ArchiveRef> chain, String as, byte @Nullable [] imageKey, Progress progress) {
    ArchiveRef wanted = chain.getLast();
    on(
        wanted.folder(),
        store -> {
          if (!snapshots.has(as)) {
            new Arrival(store, trees, snapshots, images).bring(chain, as, imageKey, progress);
          }
          return wanted;
        });
  }

  /** What the archive has of one, whoever put it there. */
  public Description describe(ArchiveRef of) {
    return on(
        of.folder(),
        store -> {
          Manifest there = Manifest.read(store, of).orElseThrow(() -> missing(of.id()));
          return new Description(there.parent(), there.snapshot(), there.about());
        });
  }

  /** Removes an image from the archive. */
  public void deleteImage(String folder, String digest) {
    ArchiveRef ref = ImageArchive.ref(folder, new byte[0], digest);
    on(
        folder,
        store -> {
          store.delete(ref.manifest());
          store.delete(ref.data());
          return ref;
        });
  }

  /** Drops the files of one from this node, once it is certain that the archive has them. */
  public void evict(ArchiveRef of) {
    on(
        of.folder(),
        store -> {
          Manifest there = Manifest.read(store, of).orElseThrow(() -> missing(of.id()));
          if (!holdsData(store, of, there)) {
            throw missing(of.id());
          }
          snapshots.evict(of.id());
          return of;
        });
  }

  /** Removes one from the archive. */
  public void delete(ArchiveRef of) {
    on(
        of.folder(),
        store -> {
          store.delete(of.manifest());
          CrashPoint.ARCHIVE_FORGOTTEN.reach();
          store.delete(of.data());
          return of;
        });
  }

  /** The manifest of one; null when it has none that is right. */
  private static @Nullable Manifest manifestOf(ArchiveStore store, ArchiveRef of)
      throws IOException {
    try {
      return Manifest.read(store, of).orElse(null);
    } catch (DamagedArchiveException damaged) {
      return null;
    }
  }

  private static boolean holdsData(ArchiveStore store, ArchiveRef of, Manifest manifest)
      throws IOException {
    return store.size(of.data()).orElse(-1) == manifest.objectBytes();
  }

  static NodeFault missing(String id) {
    return NodeFault.precondition("ARCHIVE_MISSING", "the archive has no snapshot " + id);
  }

  private <T> T on(String folder, Work<T> work) {
    if (address == null) {
      throw NodeFault.precondition("ARCHIVE_OFF", "no snapshot_archive is configured");
    }
    try {
      ArchiveStore store = store(address);
      if (swept.add(folder)) {
        try {
          store.sweep(folder);
        } catch (IOException e) {
          swept.remove(folder);
          throw e;
        }
      }
      return work.run(store);
    } catch (DamagedArchiveException damaged) {
      throw NodeFault.precondition(
          "ARCHIVE_DAMAGED", "the archive is damaged: " + sentence(damaged));
    } catch (TreeException e) {
      throw NodeFault.exhausted(
          e.reason() == TreeException.Reason.FULL ? "DISK_FULL" : "ARCHIVE_UNAVAILABLE",
          String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw NodeFault.unavailable("ARCHIVE_UNAVAILABLE", "the archive: " + sentence(e));
    }
  }

  private synchronized ArchiveStore store(String where) throws IOException {
    ArchiveStore store = opened;
    if (store == null) {
      store = Stores.of(where, settings);
      opened = store;
    }
    return store;
  }

  private static String sentence(IOException e) {
    return String.valueOf(e.getMessage());
  }
}

package com.atoll.node.archive;

import com.atoll.node.CrashPoint;
import com.atoll.node.archive.SnapshotArchive.Progress;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.BuiltImage;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.images.StoredImage;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The images that archived snapshots stand on, beside them: each goes there once. An image is built
 * of what package mirrors have that day, so one of the same recipe on another node is not the same
 * one: those that arrive get a digest of their own there.
 */
final class ImageArchive {
  private static final String PURPOSE = "image";
  private static final String TREE = "i-";
  private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,100}");
  private static final int MOST = 40;
  private static final int BUFFER = 1 << 18;

  private final Images images;
  private final TreeStore trees;
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  ImageArchive(Images images, TreeStore trees) {
    this.images = images;
    this.trees = trees;
  }

  /** Tells apart what lies in the archive for images and for snapshots. */
  static ArchiveRef ref(String folder, byte[] key, String digest) {
    return new ArchiveRef(folder, "image-" + digest, key);
  }

  /** Puts an image and all that it stands on there, unless they are; their digests. */
  List<String> put(ArchiveStore store, String folder, byte[] key, String digest, Progress progress)
      throws IOException {
    List<String> digests = new ArrayList<>();
    for (String next = digest; !next.isEmpty(); ) {
      StoredImage image = stored(next);
      // Two snapshots on one image: the second finds what the first has sent.
      synchronized (locks.computeIfAbsent(folder + "/" + next, name -> new Object())) {
        putOne(store, ref(folder, key, next), image, progress);
      }
      digests.add(next);
      next = image.base();
    }
    return digests;
  }

  private StoredImage stored(String digest) {
    try {
      return images.stored(digest);
    } catch (ImageException gone) {
      throw NodeFault.precondition("IMAGE_MISSING", "the image " + digest + " is not here");
    }
  }

  private void putOne(ArchiveStore store, ArchiveRef ref, StoredImage image, Progress progress)
      throws IOException {
    ImageManifest there = known(store, ref, image.digest());
    if (there != null && there.holdsData(store, ref)) {
      return;
    }
    store.delete(ref.manifest());
    BuiltImage built = image.built();
    if (built != null && built.tree().isEmpty()) {
      new ImageManifest(1, image.digest(), built, "", 0).write(store, ref);
      return;
    }
    StreamKey key = StreamKey.fresh(ref.key(), PURPOSE);
    long size;
    try (ArchiveStore.Upload upload = store.create(ref.data())) {
      SealedOutput sealed = new SealedOutput(upload.output(), key);
      TreeStreams.Meter meter = passed -> progress.at(sealed.written());
      if (built == null) {
        try (InputStream file = Files.newInputStream(path(image))) {
          copy(file, sealed, meter);
        }
      } else {
        TreeStreams.send(trees.get(built.tree()).path(), null, sealed, meter);
      }
      sealed.finish();
      upload.commit();
      size = sealed.written();
    }
    CrashPoint.ARCHIVE_IMAGE.reach();
    new ImageManifest(1, image.digest(), built, HexFormat.of().formatHex(key.salt()), size)
        .write(store, ref);
  }

  private static Path path(StoredImage image) throws IOException {
    Path file = image.file();
    if (file == null) {
      throw new IOException("image " + image.digest() + " is no file");
    }
    return file;
  }

  private static @Nullable ImageManifest known(ArchiveStore store, ArchiveRef ref, String digest)
      throws IOException {
    try {
      return ImageManifest.read(store, ref, digest).orElse(null);
    } catch (DamagedArchiveException damaged) {
      return null;
    }
  }

  /** An image of another node, and what it is called here. */
  record Coming(ArchiveRef ref, ImageManifest manifest, String digest) {}

  /** What is to come for a snapshot, the topmost first. */
  List<Coming> coming(ArchiveStore store, String folder, byte[] key, @Nullable List<String> digests)
      throws IOException {
    if (digests == null || digests.isEmpty() || digests.size() > MOST) {
      throw NodeFault.precondition(
          "IMAGE_MISSING", "the archive has no image that the snapshot stands on");
    }
    List<Coming> coming = new ArrayList<>();
    for (String digest : digests) {
      ArchiveRef ref = ref(folder, key, digest);
      ImageManifest manifest =
          ImageManifest.read(store, ref, digest)
              .orElseThrow(() ->
                  NodeFault.precondition("IMAGE_MISSING", "the archive has no image " + digest));
      coming.add(new Coming(ref, manifest, here(folder, manifest)));
    }
    for (int i = 0; i < coming.size(); i++) {
      BuiltImage built = coming.get(i).manifest().built();
      String base = built == null || !built.inner().isEmpty() ? "" : built.base();
      String below = i + 1 < coming.size() ? coming.get(i + 1).manifest().digest() : "";
      if (!base.equals(below)) {
        throw new DamagedArchiveException("its images do not stand on each other");
      }
    }
    return coming;
  }

  /** Two images of one recipe differ in their salts, unless they are the very same object. */
  private static String here(String folder, ImageManifest manifest) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String all = folder + "\n" + manifest.digest() + "\n" + manifest.salt();
      return HexFormat.of()
          .formatHex(digest.digest(all.getBytes(StandardCharsets.UTF_8)))
          .substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Brings those that are not here yet, the lowest first. */
  void bring(ArchiveStore store, List<Coming> coming, Progress progress) throws IOException {
    for (int i = coming.size() - 1; i >= 0; i--) {
      Coming image = coming.get(i);
      String base = i == coming.size() - 1 ? "" : coming.get(i + 1).digest();
      synchronized (locks.computeIfAbsent(image.digest(), name -> new Object())) {
        if (!isHere(image.digest())) {
          bringOne(store, image, base, progress);
        }
      }
      CrashPoint.RESTORE_IMAGE.reach();
    }
  }

  private boolean isHere(String digest) {
    try {
      var _ = images.byDigest(digest);
      return true;
    } catch (ImageException unknown) {
      return false;
    }
  }

  private void bringOne(ArchiveStore store, Coming image, String base, Progress progress)
      throws IOException {
    BuiltImage built = image.manifest().built();
    if (built == null) {
      bringFile(store, image, progress);
      return;
    }
    String tree = built.tree().isEmpty() ? "" : TREE + image.digest();
    if (!tree.isEmpty()) {
      bringTree(store, image, built.tree(), tree, progress);
    }
    try {
      var _ =
          images.activate(
              new BuiltImage(
                  built.name() + BuiltImage.ELSEWHERE + image.digest(),
                  image.digest(),
                  base,
                  tree,
                  built.inner(),
                  built.env(),
                  built.sizeBytes(),
                  built.previewPort(),
                  0));
    } catch (RuntimeException e) {
      trees.drop(tree);
      throw e;
    }
  }

  private void bringFile(ArchiveStore store, Coming image, Progress progress) throws IOException {
    Path arriving = images.arriving(image.digest());
    try {
      try (SealedInput input = data(store, image);
          OutputStream file = Files.newOutputStream(arriving)) {
        long[] passed = {0};
        copy(input, file, bytes -> progress.at(passed[0] += bytes));
      }
      images.adopt(image.digest(), arriving);
    } finally {
      Files.deleteIfExists(arriving);
    }
  }

  private void bringTree(
      ArchiveStore store, Coming image, String sentAs, String tree, Progress progress)
      throws IOException {
    if (!NAME.matcher(sentAs).matches()) {
      throw new DamagedArchiveException("an image has a tree without a name");
    }
    Path folder = trees.arrivals();
    try (SealedInput input = data(store, image)) {
      long[] passed = {0};
      TreeStreams.receive(input, folder, bytes -> progress.at(passed[0] += bytes));
      trees.drop(tree); // Left by a crash before its record.
      var _ = trees.adopt(folder.resolve(sentAs), tree);
    } finally {
      trees.dropArrivals(folder);
    }
  }

  private static SealedInput data(ArchiveStore store, Coming image) throws IOException {
    InputStream object =
        store
            .open(image.ref().data())
            .orElseThrow(() -> new DamagedArchiveException("an image has no data"));
    try {
      SealedInput input = new SealedInput(object, image.ref().key(), PURPOSE);
      if (!HexFormat.of().formatHex(input.salt()).equals(image.manifest().salt())) {
        throw new DamagedArchiveException("the data of an image are those of another one");
      }
      return input;
    } catch (IOException e) {
      object.close();
      throw e;
    }
  }

  private static void copy(InputStream from, OutputStream to, TreeStreams.Meter meter)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      to.write(buffer, 0, n);
      meter.passed(n);
    }
  }
}

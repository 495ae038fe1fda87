package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.HostProgram;
import com.atoll.node.linux.LoopDevices;
import com.atoll.node.linux.Mounts;
import com.atoll.node.trees.TreeStore.Capacity;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A btrfs in a sparse file, through a loop device. The file takes only what is used, so the disk
 * below may fill up first: both count.
 */
final class ImageVolume implements Volume {
  private static final Logger LOG = LoggerFactory.getLogger(ImageVolume.class);
  private static final long MEGABYTE = 1L << 20;

  private final Path image;
  private final Path root;

  private ImageVolume(Path image, Path root) {
    this.image = image;
    this.root = root;
  }

  /** Makes the image when it is missing, attaches and mounts it when it is not. */
  static ImageVolume open(Path image, Path root, long sizeMb) throws IOException {
    long started = System.nanoTime();
    refuseOther(image, root);
    if (!Files.exists(image)) {
      format(image, sizeMb);
    }
    boolean grew = grow(image, sizeMb * MEGABYTE);
    Files.createDirectories(root);
    Path device = LoopDevices.attach(image, false);
    if (grew) {
      LoopDevices.resized(device);
    }
    if (!Mounts.isMounted(root)) {
      Mounts.mount(
          device.toString(), root, "btrfs", Mounts.NO_ATIME, "discard=async,space_cache=v2");
    }
    if (grew) {
      Btrfs.growToDevice(root);
    }
    LOG.info(
        "Trees are on {} at {}, after {} ms",
        device,
        root,
        (System.nanoTime() - started) / 1_000_000);
    return new ImageVolume(image, root);
  }

  /** What is written to another image would lie in a file that has another name now, or none. */
  private static void refuseOther(Path image, Path root) throws IOException {
    Optional<String> mounted = Mounts.source(root);
    if (mounted.isPresent()) {
      Optional<Path> own = Files.exists(image) ? LoopDevices.find(image) : Optional.empty();
      if (!own.map(Path::toString).equals(mounted)) {
        throw new IOException(
            mounted.get() + " is mounted at " + root + " and is not " + image + ": ./atoll down");
      }
    }
  }

  /** Under another name first: a file that has the name is complete. */
  private static void format(Path image, long sizeMb) throws IOException {
    Path half = image.resolveSibling(image.getFileName() + ".new");
    Files.deleteIfExists(half);
    try (RandomAccessFile file = new RandomAccessFile(half.toFile(), "rw")) {
      file.setLength(sizeMb * MEGABYTE);
    }
    HostProgram.require("mkfs.btrfs").run("--quiet", "--metadata", "single", half.toString());
    try (RandomAccessFile file = new RandomAccessFile(half.toFile(), "rw")) {
      file.getFD().sync();
    }
    Files.move(half, image, StandardCopyOption.ATOMIC_MOVE);
  }

  private static boolean grow(Path image, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      if (file.length() >= bytes) {
        return false;
      }
      file.setLength(bytes);
      return true;
    }
  }

  @Override
  public Path root() {
    return root;
  }

  @Override
  public Capacity capacity() {
    Capacity inside = HomeVolume.capacityOf(root);
    long below = HomeVolume.capacityOf(image).availableBytes();
    return new Capacity(inside.totalBytes(), Math.min(inside.availableBytes(), below));
  }

  @Override
  public boolean full() {
    Capacity inside = HomeVolume.capacityOf(root);
    long below = HomeVolume.capacityOf(image).availableBytes();
    long reserve = Math.min(HomeVolume.WATERMARK, inside.totalBytes() / 20);
    return inside.availableBytes() < reserve || below < HomeVolume.WATERMARK;
  }

  @Override
  public void close() {
    try {
      Mounts.unmount(root);
      Optional<Path> device = LoopDevices.find(image);
      device.ifPresent(LoopDevices::detach);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

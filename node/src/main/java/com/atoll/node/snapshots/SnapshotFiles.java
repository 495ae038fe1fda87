package com.atoll.node.snapshots;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.DirectoryListing;
import com.atoll.node.guest.FileInfo;
import com.atoll.node.images.FrozenView;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.streams.StreamTask;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads in snapshots. Each is mounted, read-only, for the time of one call or one stream; a path is
 * opened by the kernel with the snapshot as its root, so that neither links nor {@code ..} leave
 * it.
 */
public final class SnapshotFiles {
  private static final int MOST_ENTRIES = 10_000;
  private static final int MOST_VIEWS = 64;
  private static final long WAIT_SECONDS = 5;
  private static final int BUFFER = 256 * 1024;

  private final Snapshots snapshots;
  private final TreeStore trees;
  private final Images images;
  private final Path views;
  private final Semaphore open = new Semaphore(MOST_VIEWS, true);

  /**
   * Files of these snapshots.
   *
   * @param views where they are mounted while they are read
   */
  public SnapshotFiles(Snapshots snapshots, TreeStore trees, Images images, Path views) {
    this.snapshots = snapshots;
    this.trees = trees;
    this.images = images;
    this.views = views;
  }

  /** Work on a file or folder that was opened inside of a snapshot. */
  private interface Work<T> {
    T on(Descriptor place) throws IOException;
  }

  /** What a path leads to. */
  public FileInfo stat(String id, String path) {
    return inside(id, path, place -> Entries.info(path, place.path(), true));
  }

  /** The entries of a folder, by name. */
  public DirectoryListing list(String id, String path) {
    return inside(
        id,
        path,
        place -> {
          Entries.requireFolder(Entries.info(path, place.path(), true));
          List<FileInfo> entries = new ArrayList<>();
          try (DirectoryStream<Path> found = Files.newDirectoryStream(place.path())) {
            for (Path entry : found) {
              if (entries.size() == MOST_ENTRIES) {
                return new DirectoryListing(sorted(entries), true, "");
              }
              String name = String.valueOf(entry.getFileName());
              String shown = path.endsWith("/") ? path + name : path + "/" + name;
              entries.add(Entries.info(shown, entry, false));
            }
          }
          return new DirectoryListing(sorted(entries), false, "");
        });
  }

  /** The bytes of a file, or a folder with everything below it as tar. */
  public StreamTask stream(String id, String path) {
    return client ->
        inside(
            id,
            path,
            place -> {
              FileInfo info = Entries.info(path, place.path(), true);
              switch (info.type()) {
                case FILE -> {
                  client.ok(info.size());
                  send(place.path(), info.size(), client::write);
                }
                case DIRECTORY -> {
                  client.ok();
                  new TarFolder(client::write).send(place.path(), Entries.name(path));
                }
                case SYMLINK, SPECIAL -> throw Entries.special(path);
              }
              return info;
            });
  }

  /** Who takes bytes. */
  interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Sends exactly so many bytes of a regular file. */
  static void send(Path file, long size, Sink sink) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, Math.max(1, size)));
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long left = size; left > 0; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), left));
        int count = from.read(buffer);
        if (count < 0) {
          throw new IOException("a frozen file is shorter than it says");
        }
        sink.write(buffer.flip());
        left -= count;
      }
    }
  }

  private <T> T inside(String id, String path, Work<T> work) {
    enter();
    try (Snapshots.Held held = snapshots.hold(id);
        FrozenView view = view(held.record());
        Descriptor root = Descriptor.open(view.root(), Descriptor.PATH | Descriptor.DIRECTORY);
        Descriptor place = Descriptor.openInside(root, path, Descriptor.PATH)) {
      return work.on(place);
    } catch (LinuxException e) {
      throw refusal(path, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read snapshot " + id, e);
    } finally {
      open.release();
    }
  }

  private void enter() {
    try {
      if (open.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw NodeFault.unavailable("READERS_BUSY", "too many snapshots are being read; try again");
  }

  private FrozenView view(SnapshotRecord snapshot) throws IOException {
    try {
      return FrozenView.open(
          views,
          trees.get(snapshot.origin().tree()),
          images.byDigest(snapshot.origin().imageDigest()));
    } catch (ImageException e) {
      throw NodeFault.unavailable("IMAGE_MISSING", "its image is not on this node");
    }
  }

  private static RuntimeException refusal(String path, LinuxException refused) {
    boolean missing =
        refused.is(Errno.ENOENT) || refused.is(Errno.ENOTDIR) || refused.is(Errno.ELOOP);
    if (missing) {
      return NodeFault.notFound("PATH_NOT_FOUND", path + " does not exist");
    }
    if (refused.is(Errno.EAGAIN)) {
      return NodeFault.unavailable("PATH_UNSETTLED", path + " could not be followed; try again");
    }
    return refused.is(Errno.ENAMETOOLONG)
        ? NodeFault.of(NodeFault.Kind.INVALID, "INVALID_PATH", "a name in the path is too long")
        : refused;
  }

  private static List<FileInfo> sorted(List<FileInfo> entries) {
    entries.sort(Comparator.comparing(FileInfo::path));
    return entries;
  }
}

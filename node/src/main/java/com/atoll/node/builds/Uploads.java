package com.atoll.node.builds;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.streams.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Archives that steps of builds copy from, each known by a name within a scope. Nothing here looks
 * into one: what is in it comes out in the sandbox of a build. Of bounded size and number: the
 * least used of a scope go first.
 */
public final class Uploads {
  /** The largest archive. */
  public static final long LARGEST = 1L << 30;

  private static final long MOST_BYTES = 4L << 30;
  private static final int MOST = 500;
  private static final int AT_ONCE = 2;
  private static final long LONGEST_MS = Duration.ofDays(14).toMillis();
  private static final int BUFFER = 256 << 10;

  /** Share of the disk that they leave to everybody else. */
  private static final double FREE = 0.2;

  private final Path folder;
  private final RecordFolder<Kept> records;
  private final InstantSource clock;
  private final Map<String, Kept> known = new ConcurrentHashMap<>();
  private final Map<String, Integer> coming = new ConcurrentHashMap<>();

  /**
   * An archive.
   *
   * @param key of scope and name; what its file is called
   * @param digest of its bytes
   * @param usedMs when it came or was last copied from
   */
  public record Kept(String key, String scope, String digest, long sizeBytes, long usedMs) {}

  Uploads(Path folder, RecordFolder<Kept> records, InstantSource clock) throws IOException {
    this.folder = folder;
    this.records = records;
    this.clock = clock;
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (Kept kept : records.all()) {
      known.put(kept.key(), kept);
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Kept kept = known.get(file.getFileName().toString());
        if (kept == null || Files.size(file) != kept.sizeBytes()) {
          Files.delete(file);
        }
      }
    }
    known.values().removeIf(kept -> !Files.exists(folder.resolve(kept.key())));
  }

  /** What is there under a name. */
  public Optional<Kept> find(String scope, String name) {
    return Optional.ofNullable(known.get(key(scope, name)));
  }

  /** The same; it counts as used. */
  private Kept require(String scope, String name) {
    String key = key(scope, name);
    Kept found =
        known.computeIfPresent(
            key, (k, old) -> new Kept(k, scope, old.digest(), old.sizeBytes(), clock.millis()));
    if (found == null) {
      throw new BuildFailure("BUILD_FILES_MISSING", "the files " + name + " were not uploaded");
    }
    records.write(key, found);
    return found;
  }

  /**
   * An archive that stays readable as it is, whatever comes under its name or goes.
   *
   * @param digest of its bytes
   * @param bytes in the order that they came; whoever holds it closes them
   */
  record Held(String digest, FileChannel bytes) {}

  /** What is there under a name now, for a build that copies from it. */
  synchronized Held hold(String scope, String name) {
    Kept kept = require(scope, name);
    try {
      Path file = folder.resolve(kept.key());
      return new Held(kept.digest(), FileChannel.open(file, StandardOpenOption.READ));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the files " + name, e);
    }
  }

  /** Takes an archive of this size from a client; it is there as a whole or not at all. */
  public void receive(String scope, String name, long size, Client client) throws IOException {
    begin(scope);
    Path half = folder.resolve(UUID.randomUUID() + ".tmp");
    try {
      client.ok();
      Kept kept = write(client, half, key(scope, name), scope, size);
      put(kept, half);
      client.ok(kept.sizeBytes());
    } catch (NodeFault refused) {
      // The client expects one more line.
      client.refuse(refused.code(), refused.sentence());
      throw refused;
    } finally {
      Files.deleteIfExists(half);
      coming.computeIfPresent(scope, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  private void begin(String scope) throws IOException {
    FileStore disk = Files.getFileStore(folder);
    if (disk.getUsableSpace() < disk.getTotalSpace() * FREE) {
      throw NodeFault.exhausted("BUILD_FILES_FULL", "the disk has no room for files of builds");
    }
    int now = coming.merge(scope, 1, Integer::sum);
    if (now > AT_ONCE) {
      coming.computeIfPresent(scope, (key, count) -> count == 1 ? null : count - 1);
      throw NodeFault.exhausted("BUILD_FILES_FULL", "at most " + AT_ONCE + " uploads at once");
    }
  }

  private Kept write(Client client, Path half, String key, String scope, long size)
      throws IOException {
    MessageDigest digest = sha256();
    long came = 0;
    try (FileChannel out =
        FileChannel.open(half, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      while (client.read(buffer) >= 0) {
        buffer.flip();
        came += buffer.remaining();
        if (came > size) {
          throw NodeFault.invalid("more bytes came than were announced");
        }
        digest.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
          var _ = out.write(buffer);
        }
        buffer.clear();
      }
      out.force(true);
    }
    if (came < size) {
      throw NodeFault.invalid("fewer bytes came than were announced");
    }
    String sum = HexFormat.of().formatHex(digest.digest());
    return new Kept(key, scope, sum, size, clock.millis());
  }

  private synchronized void put(Kept kept, Path half) throws IOException {
    List<Kept> oldest =
        known.values().stream().sorted(Comparator.comparingLong(Kept::usedMs)).toList();
    long left = kept.sizeBytes();
    int count = 1;
    for (Kept other : oldest) {
      boolean same = other.scope().equals(kept.scope()) && !other.key().equals(kept.key());
      left += same ? other.sizeBytes() : 0;
      count += same ? 1 : 0;
    }
    for (Kept other : oldest) {
      boolean same = other.scope().equals(kept.scope()) && !other.key().equals(kept.key());
      boolean old = other.usedMs() < clock.millis() - LONGEST_MS;
      if (old || (same && (left > MOST_BYTES || count > MOST))) {
        drop(other);
        left -= same ? other.sizeBytes() : 0;
        count -= same ? 1 : 0;
      }
    }
    Files.move(half, folder.resolve(kept.key()), StandardCopyOption.REPLACE_EXISTING);
    records.write(kept.key(), kept);
    known.put(kept.key(), kept);
  }

  private void drop(Kept kept) throws IOException {
    known.remove(kept.key());
    records.delete(kept.key());
    Files.deleteIfExists(folder.resolve(kept.key()));
  }

  private static String key(String scope, String name) {
    return Step.hash("files", scope, name);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package com.atoll.node.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A folder, most likely of another machine's file system. */
final class DirectoryStore implements ArchiveStore {
  private static final String PART = ".part";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path root;
  private final Set<Path> underway = ConcurrentHashMap.newKeySet();

  DirectoryStore(Path root) {
    this.root = root;
  }

  @Override
  public Upload create(String name) throws IOException {
    // The root is never made: where a file system is not mounted, its files do not go elsewhere.
    requireRoot();
    Path file = root.resolve(name);
    Path folder = folderOf(file);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      sync(root);
    }
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    Path part =
        folder.resolve("." + file.getFileName() + "." + HexFormat.of().formatHex(random) + PART);
    underway.add(part);
    try {
      return new Part(part, file, open(part));
    } catch (IOException e) {
      underway.remove(part);
      throw e;
    }
  }

  private static FileChannel open(Path part) throws IOException {
    return FileChannel.open(
        part,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static Path folderOf(Path file) throws IOException {
    Path folder = file.getParent();
    if (folder == null) {
      throw new IOException(file + " is in no folder");
    }
    return folder;
  }

  private final class Part implements Upload {
    private final Path part;
    private final Path file;
    private final FileChannel channel;
    private boolean committed;

    Part(Path part, Path file, FileChannel channel) {
      this.part = part;
      this.file = file;
      this.channel = channel;
    }

    @Override
    public OutputStream output() {
      return Channels.newOutputStream(channel);
    }

    @Override
    public void commit() throws IOException {
      channel.force(true);
      channel.close();
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      committed = true;
      sync(folderOf(file));
    }

    @Override
    public void close() throws IOException {
      try {
        channel.close();
        if (!committed) {
          Files.deleteIfExists(part);
        }
      } finally {
        underway.remove(part);
      }
    }
  }

  @Override
  public Optional<InputStream> open(String name) throws IOException {
    try {
      return Optional.of(
          new BufferedInputStream(Files.newInputStream(root.resolve(name)), 1 << 18));
    } catch (NoSuchFileException gone) {
      requireRoot();
      return Optional.empty();
    }
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    try {
      return OptionalLong.of(Files.size(root.resolve(name)));
    } catch (NoSuchFileException gone) {
      requireRoot();
      return OptionalLong.empty();
    }
  }

  /** Where a file system is not mounted, nothing is known of its files, least of all their loss. */
  private void requireRoot() throws IOException {
    if (!Files.isDirectory(root)) {
      throw new IOException("there is no folder " + root);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    requireRoot();
    Path file = root.resolve(name);
    if (Files.deleteIfExists(file)) {
      sync(folderOf(file));
    }
  }

  @Override
  public void sweep(String folder) throws IOException {
    Path place = root.resolve(folder);
    if (!Files.isDirectory(place)) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(place, ".*" + PART)) {
      for (Path part : left) {
        if (!underway.contains(part)) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel self = FileChannel.open(folder, StandardOpenOption.READ)) {
      self.force(true);
    }
  }
}

package com.atoll.cli.tar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Unpacks a tar stream that nobody vouches for: names stay below the target, no entry is written
 * through a link, links are made last, devices are skipped and told.
 */
public final class TarReader implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final FileAttribute<Set<PosixFilePermission>> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private final InputStream in;
  private final String above;

  /** Reads this stream and closes it. */
  public TarReader(InputStream in) {
    this(in, "");
  }

  /** One whose names all begin with this, which is left away. */
  public TarReader(InputStream in, String above) {
    this.in = in;
    this.above = above;
  }

  private record Link(Path at, String target) {}

  /** A folder that was made, and the mode that it gets once nothing more is made in it. */
  private record Folder(Path at, int mode) {}

  /**
   * Unpacks all of it below this folder.
   *
   * @return names that were left out, being neither files nor folders nor links
   */
  public List<String> unpack(Path root) throws IOException {
    List<Link> links = new ArrayList<>();
    List<Folder> folders = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    Announced announced = new Announced();
    for (byte[] block = block(); block[0] != 0; block = block()) {
      char type = (char) block[156];
      long stored = Numbers.read(block, 124, 12);
      if (Announced.is(type)) {
        announced.read(type, content(stored, Announced.longest(type)));
        continue;
      }
      long size = announced.size(stored);
      String name = below(announced.name(name(block)));
      Path at = inside(root, name);
      String link = announced.link(text(block, 157, 100));
      announced = new Announced();
      switch (type) {
        case '5' -> {
          boolean there = Files.isDirectory(at);
          folder(root, at);
          if (!there) {
            folders.add(new Folder(at, (int) Numbers.read(block, 100, 8)));
          }
          in.skipNBytes(size);
        }
        case '0', '\0' -> file(root, at, size, (int) Numbers.read(block, 100, 8));
        case '2' -> {
          links.add(new Link(at, link));
          in.skipNBytes(size);
        }
        default -> {
          skipped.add(name);
          in.skipNBytes(size);
        }
      }
      in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
    }
    for (Link link : links) {
      parents(root, link.at());
      if (!Files.isDirectory(link.at(), LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(link.at());
        Files.createSymbolicLink(link.at(), Path.of(link.target()));
      }
    }
    for (Folder folder : folders.reversed()) {
      // A later entry of the same name may be another thing.
      if (Files.isDirectory(folder.at(), LinkOption.NOFOLLOW_LINKS)) {
        Permissions.set(folder.at(), folder.mode());
      }
    }
    return skipped;
  }

  private byte[] block() throws IOException {
    byte[] block = in.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw new IOException("the archive is cut");
    }
    return block;
  }

  private byte[] content(long size, int most) throws IOException {
    if (size > most) {
      throw new IOException("a name is too long");
    }
    byte[] bytes = in.readNBytes((int) size);
    in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
    return bytes;
  }

  /** A name of POSIX may be in two parts; where GNU's headers have the first, they have times. */
  private static String name(byte[] block) {
    boolean posix = text(block, 257, 6).equals("ustar");
    String first = posix ? text(block, 345, 155) : "";
    String last = text(block, 0, 100);
    return first.isEmpty() ? last : first + "/" + last;
  }

  private String below(String name) throws IOException {
    if (!name.startsWith(above)) {
      throw new IOException("an archive entry leads outside: " + name);
    }
    return name.substring(above.length());
  }

  private static Path inside(Path root, String name) throws IOException {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root.normalize()) || name.startsWith("/")) {
      throw new IOException("an archive entry leads outside: " + name);
    }
    return path;
  }

  private static void folder(Path root, Path folder) throws IOException {
    Path step = root;
    for (Path part : root.normalize().relativize(folder.normalize())) {
      step = step.resolve(part).normalize();
      if (Files.isSymbolicLink(step)) {
        throw new IOException("a folder of the archive is a link here: " + step);
      }
      if (!Files.isDirectory(step)) {
        Files.createDirectory(step);
      }
    }
  }

  private static void parents(Path root, Path at) throws IOException {
    Path parent = at.getParent();
    if (parent == null || at.equals(root.normalize())) {
      throw new IOException("an archive entry has no folder");
    }
    folder(root, parent);
  }

  private void file(Path root, Path at, long size, int mode) throws IOException {
    parents(root, at);
    // One that may not be written is replaced, as it was by its own mode the last time.
    if (Files.isSymbolicLink(at) || (Files.isRegularFile(at) && !Files.isWritable(at))) {
      Files.delete(at);
    }
    // Nobody else reads it before it has the mode that it comes with.
    if (!Files.exists(at)) {
      Files.createFile(at, OWN);
    }
    try (var out = Files.newOutputStream(at)) {
      byte[] buffer = new byte[64 * 1024];
      for (long left = size; left > 0; ) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new IOException("the archive is cut");
        }
        out.write(buffer, 0, n);
        left -= n;
      }
    }
    Permissions.set(at, mode);
  }

  private static String text(byte[] block, int at, int length) {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

package com.atoll.node.releases;

import com.atoll.node.faults.NodeFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a directory holds, in one digest: a line for each entry in the order of names with its type,
 * mode, size and content. Equal content has an equal digest wherever and whenever it was frozen.
 */
final class Manifest {
  private static final int MOST_ENTRIES = 1_000_000;
  private static final int MOST_TOP_LEVEL = 1_000;
  private static final int MOST_IN_DIRECTORY = 100_000;
  private static final int DEEPEST = 256;

  /** Sparse files claim any size and cost their owner nothing: every byte of it is read here. */
  private static final long MOST_BYTES = 32L << 30;

  private final MessageDigest digest = sha256();
  private final MessageDigest content = sha256();
  private final byte[] buffer = new byte[256 * 1024];
  private final List<String> topLevel = new ArrayList<>();
  private long sizeBytes;
  private int entries;

  private Manifest() {}

  /** Reads everything below a directory; links are noted, never followed. */
  static Manifest of(Path directory) throws IOException {
    Manifest manifest = new Manifest();
    manifest.walk(directory, "", 0);
    return manifest;
  }

  String digest() {
    return HexFormat.of().formatHex(digest.digest());
  }

  long sizeBytes() {
    return sizeBytes;
  }

  int entries() {
    return entries;
  }

  List<String> topLevel() {
    return List.copyOf(topLevel);
  }

  private void walk(Path directory, String prefix, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw NodeFault.precondition("TOO_DEEP", prefix + " is nested deeper than " + DEEPEST);
    }
    for (Path entry : sorted(directory)) {
      String name = prefix + entry.getFileName();
      if (++entries > MOST_ENTRIES) {
        throw NodeFault.precondition(
            "TOO_MANY_FILES", "a release has at most " + MOST_ENTRIES + " entries");
      }
      if (depth == 0 && topLevel.size() < MOST_TOP_LEVEL) {
        topLevel.add(name);
      }
      PosixFileAttributes attributes =
          Files.readAttributes(entry, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      String mode = PosixFilePermissions.toString(attributes.permissions());
      if (attributes.isDirectory()) {
        line("d", name, mode, "");
        walk(entry, name + "/", depth + 1);
      } else if (attributes.isRegularFile()) {
        add(attributes.size());
        line("f", name, mode, attributes.size() + " " + contentOf(entry));
      } else if (attributes.isSymbolicLink()) {
        line("l", name, "", Files.readSymbolicLink(entry).toString());
      } else {
        line("s", name, mode, "");
      }
    }
  }

  private void add(long size) {
    sizeBytes += size;
    if (size > MOST_BYTES || sizeBytes > MOST_BYTES) {
      throw NodeFault.precondition(
          "RELEASE_TOO_LARGE", "the files of a release have at most 32 GiB");
    }
  }

  private String contentOf(Path file) throws IOException {
    content.reset();
    try (InputStream stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      int size;
      while ((size = stream.read(buffer)) > 0) {
        content.update(buffer, 0, size);
      }
    }
    return HexFormat.of().formatHex(content.digest());
  }

  private void line(String type, String name, String mode, String rest) {
    // NUL cannot be part of a name: no two directories give the same lines.
    String line = type + "\0" + name + "\0" + mode + "\0" + rest + "\0\n";
    digest.update(line.getBytes(StandardCharsets.UTF_8));
  }

  static List<Path> sorted(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        if (entries.size() == MOST_IN_DIRECTORY) {
          throw NodeFault.precondition(
              "TOO_MANY_FILES", "a directory of a release has at most " + MOST_IN_DIRECTORY);
        }
        entries.add(entry);
      }
    }
    entries.sort((a, b) -> String.valueOf(a).compareTo(String.valueOf(b)));
    return entries;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package com.atoll.node.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Writes files and folders into a part. What vanishes meanwhile is left out. */
final class FilesPart {
  private static final int CHUNK = 1 << 18;

  private final ArchiveWriter writer;

  FilesPart(ArchiveWriter writer) {
    this.writer = writer;
  }

  /**
   * Everything below a folder, sorted by name.
   *
   * @param wanted whether an entry, named by its path below the folder, is wanted; a folder that is
   *     not wanted comes empty
   */
  void folder(Path root, Predicate<String> wanted) throws IOException {
    if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      below(root, "", wanted);
    }
  }

  private void below(Path folder, String prefix, Predicate<String> wanted) throws IOException {
    for (Path entry : sorted(folder)) {
      String name = prefix + entry.getFileName();
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        writer.entry(Entry.folder(name, mode(entry)));
        if (wanted.test(name)) {
          below(entry, name + "/", wanted);
        }
      } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS) && wanted.test(name)) {
        file(entry, name);
      }
    }
  }

  /** An empty folder for its owner alone. */
  void folder(String name) throws IOException {
    writer.entry(Entry.folder(name, 0700));
  }

  /** One file, when it is there. */
  void file(Path file, String name) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      writer.entry(Entry.file(name, mode(file)));
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        writer.data(chunk, 0, n);
      }
    } catch (NoSuchFileException vanished) {
      return;
    }
  }

  /** One file of this content. */
  void file(String name, byte[] content) throws IOException {
    writer.entry(Entry.file(name, 0600));
    writer.data(content, 0, content.length);
  }

  private static List<Path> sorted(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      found.forEach(entries::add);
    } catch (NoSuchFileException vanished) {
      return List.of();
    }
    entries.sort(null);
    return entries;
  }

  /** Permission bits, without set-uid and the like. */
  static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0777;
  }
}

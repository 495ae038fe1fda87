package com.atoll.node.backup;

import com.atoll.node.linux.Unnamed;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file that a backup becomes, or stdout ({@code -}). Until a file is whole it has no name, so a
 * process that ends leaves nothing.
 */
final class Target implements AutoCloseable {
  private static final String STDOUT = "-";

  private final Path file;
  private final @Nullable Unnamed unnamed;

  /** Refuses a name that is taken. */
  Target(String to) throws IOException {
    Path name = Path.of(to);
    if (to.equals(STDOUT)) {
      file = name;
      unnamed = null;
      return;
    }
    file = name.toAbsolutePath().normalize();
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file + " exists: name another file");
    }
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder);
    }
    unnamed = Unnamed.in(folder);
  }

  OutputStream output() {
    return unnamed == null ? new FileOutputStream(FileDescriptor.out) : unnamed.output();
  }

  /** It is on disk and has its name when this returns. */
  void keep() throws IOException {
    if (unnamed == null) {
      return;
    }
    unnamed.name(file);
    try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    if (unnamed != null) {
      unnamed.close();
    }
  }
}

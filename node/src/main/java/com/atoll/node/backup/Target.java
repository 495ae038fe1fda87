package com.atoll.node.backup;

import com.atoll.node.linux.Unnamed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file that a backup becomes. Until it is whole it has no name, so a process that ends leaves
 * nothing.
 */
final class Target implements AutoCloseable {
  private final Path file;
  private final Unnamed unnamed;

  /** Refuses a name that is taken. */
  Target(Path name) throws IOException {
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
    return unnamed.output();
  }

  /** It is on disk and has its name when this returns. */
  void keep() throws IOException {
    unnamed.name(file);
    try (FileChannel folder =
        FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    unnamed.close();
  }
}

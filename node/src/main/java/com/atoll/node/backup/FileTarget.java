package com.atoll.node.backup;

import com.atoll.node.linux.Unnamed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that does not exist yet. */
final class FileTarget implements Target {
  private final Path file;
  private final Unnamed unnamed;

  /** Refuses a name that is taken. */
  FileTarget(String to) throws IOException {
    file = Path.of(to).toAbsolutePath().normalize();
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file + " exists: name another file");
    }
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("there is no folder " + folder);
    }
    unnamed = Unnamed.in(folder);
  }

  @Override
  public OutputStream output() {
    return unnamed.output();
  }

  @Override
  public void keep() throws IOException {
    unnamed.name(file);
    try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    unnamed.close();
  }
}

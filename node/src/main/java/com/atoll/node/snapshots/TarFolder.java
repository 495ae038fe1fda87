package com.atoll.node.snapshots;

import com.atoll.node.guest.FileInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends a folder of a frozen tree as tar. Links are written as links, special files left out. */
final class TarFolder {
  private static final int DEEPEST = 256;
  private static final int BUFFER = 64 * 1024;

  private final SnapshotFiles.Sink sink;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  TarFolder(SnapshotFiles.Sink sink) {
    this.sink = sink;
  }

  /**
   * Sends everything.
   *
   * @param name what the folder is called in the archive
   */
  void send(Path folder, String name) throws IOException {
    header(name + "/", Entries.info(name, folder, true));
    below(folder, name, 0);
    put(TarHeader.end());
    flush();
  }

  private void below(Path folder, String name, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("a folder is nested too deep");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        entry(entry, name + "/" + entry.getFileName(), depth);
      }
    }
  }

  private void entry(Path entry, String name, int depth) throws IOException {
    FileInfo info = Entries.info(name, entry, false);
    switch (info.type()) {
      case FILE -> {
        header(name, info);
        flush();
        SnapshotFiles.send(entry, info.size(), sink);
        put(TarHeader.padding(info.size()));
      }
      case DIRECTORY -> {
        header(name + "/", info);
        below(entry, name, depth + 1);
      }
      case SYMLINK -> header(name, info);
      case SPECIAL -> {}
    }
  }

  private void header(String name, FileInfo info) throws IOException {
    put(TarHeader.of(name, info));
  }

  private void put(byte[] bytes) throws IOException {
    if (bytes.length > buffer.remaining()) {
      flush();
    }
    if (bytes.length > buffer.capacity()) {
      sink.write(ByteBuffer.wrap(bytes));
    } else {
      buffer.put(bytes);
    }
  }

  private void flush() throws IOException {
    sink.write(buffer.flip());
    buffer.clear();
  }
}

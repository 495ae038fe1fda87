package com.atoll.node.trees;

import com.atoll.node.trees.TreeStore.Capacity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of the host's own btrfs. */
record HomeVolume(Path root) implements Volume {
  /** Free space below which nothing new is made. */
  static final long WATERMARK = 512L << 20;

  static HomeVolume open(Path folder) throws IOException {
    return new HomeVolume(Files.createDirectories(folder));
  }

  @Override
  public Capacity capacity() {
    return capacityOf(root);
  }

  static Capacity capacityOf(Path place) {
    try {
      FileStore store = Files.getFileStore(place);
      return new Capacity(store.getTotalSpace(), store.getUsableSpace());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean full() {
    return capacity().availableBytes() < WATERMARK;
  }

  @Override
  public void close() {}
}

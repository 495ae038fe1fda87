package com.atoll.node.backup;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.BtrfsStreams;
import com.atoll.node.linux.HostProgram;
import com.atoll.node.linux.LoopDevices;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.trees.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The tree store of a home that is being restored: {@code btrfs receive} makes its trees again. */
final class ReceivedTrees implements AutoCloseable {
  /** Counts of the same files differ by a little from one file system to another. */
  private static final long SLACK = 4 << 20;

  private final Path mount;
  private final TreeStore store;
  private final Path folder;
  private final Process receive;
  private final FutureTask<String> complaint;
  private final List<Entry> trees = new ArrayList<>();

  /**
   * Makes the store, in a mount namespace that ends with this process.
   *
   * @param sizeMb least size of its image, where it has one
   */
  ReceivedTrees(Path home, long sizeMb) throws IOException {
    mount = home.resolve("restoring");
    store = Trees.open(home, mount, sizeMb, new Standstill());
    Path image = home.resolve("trees.img");
    if (Files.exists(image)) {
      // Still mounted: the device goes with the mount, whatever becomes of this process.
      LoopDevices.find(image).ifPresent(LoopDevices::detach);
    }
    folder = Files.createDirectory(store.root().resolve("restoring"));
    receive =
        new ProcessBuilder(
                HostProgram.require("btrfs").path().toString(),
                "receive",
                "-q",
                "-C",
                folder.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    complaint =
        new FutureTask<>(() ->
            new String(receive.getErrorStream().readNBytes(4096), StandardCharsets.UTF_8).strip());
    Thread.ofPlatform().daemon().name("receive-errors").start(complaint);
  }

  void begin(Entry tree) {
    trees.add(tree);
  }

  void data(byte[] bytes) throws IOException {
    try {
      receive.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw failure();
    }
  }

  /** Waits until all of them are there, and puts them where the node looks for them. */
  void finish() throws IOException {
    try (OutputStream in = receive.getOutputStream()) {
      in.flush();
    } catch (IOException e) {
      throw failure();
    }
    if (!trees.isEmpty() && ended() != 0) {
      throw failure();
    }
    Path live = Files.createDirectories(store.root().resolve("live"));
    // None may change before all have been received: later ones were made of earlier ones.
    for (Entry tree : trees) {
      Path made = folder.resolve(tree.path());
      Btrfs.setReadOnly(made, false);
      BtrfsStreams.forgetSender(made);
    }
    store.sync();
    String fileSystem = Btrfs.fileSystemId(store.root());
    for (Entry tree : trees) {
      place(tree, live, fileSystem);
    }
    Files.delete(folder);
    store.sync();
  }

  private void place(Entry tree, Path live, String fileSystem) throws IOException {
    Path made = folder.resolve(tree.path());
    Path place = live.resolve(tree.path());
    long charged = Btrfs.charged(fileSystem, Btrfs.id(made));
    if (charged > tree.charged() + Math.max(SLACK, tree.charged() / 8)) {
      // What it holds of a tree that is gone must not count against its limit now.
      Btrfs.snapshot(made, live, tree.path(), new Btrfs.Copy.Unlimited());
      Btrfs.destroy(folder, tree.path());
    } else {
      Files.move(made, place);
    }
    if (tree.limit() > 0) {
      Btrfs.limit(place, tree.limit());
    }
    Btrfs.setReadOnly(place, tree.kind() == Entry.Kind.FROZEN_TREE);
  }

  private int ended() throws IOException {
    try {
      return receive.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private IOException failure() throws IOException {
    int code = ended();
    try {
      return new IOException("btrfs receive ended with " + code + ": " + complaint.get());
    } catch (ExecutionException e) {
      return new IOException("btrfs receive ended with " + code, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new IOException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    receive.destroyForcibly();
    ended();
    store.close();
    Files.deleteIfExists(mount);
  }
}

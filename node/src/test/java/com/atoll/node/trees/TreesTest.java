package com.atoll.node.trees;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.node.linux.Btrfs;
import com.atoll.node.linux.LoopDevices;
import com.atoll.node.linux.Mounts;
import com.atoll.node.trees.TreeException.Reason;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TreesTest {
  @TempDir Path folder;
  private Installation installation;
  private TreeStore trees;

  @BeforeEach
  void open() throws IOException {
    installation = TestInstallation.in(folder);
    trees = Trees.open(installation);
  }

  @AfterEach
  void close() throws IOException {
    trees.close();
    assertFalse(Mounts.isMounted(installation.run().resolve("trees")));
    assertTrue(LoopDevices.find(installation.home().resolve("trees.img")).isEmpty());
  }

  @Test
  void aForkHasTheFilesOfItsSourceAndLeavesItAlone() throws IOException {
    Tree source = trees.create("source", 100);
    Files.writeString(source.upper().resolve("a"), "one");
    Tree fork = trees.fork("source", "fork", 100);
    Files.writeString(fork.upper().resolve("a"), "two");
    assertEquals("one", Files.readString(source.upper().resolve("a")));
    assertEquals("two", Files.readString(fork.upper().resolve("a")));
    assertEquals(Set.of("source", "fork"), trees.list());
  }

  @Test
  void oneIsDroppedByTwoAtOnce() {
    for (int i = 0; i < 50; i++) {
      String id = "t" + i;
      trees.create(id, 10);
      CompletableFuture<?> other = CompletableFuture.runAsync(() -> trees.drop(id));
      trees.drop(id);
      other.join();
      assertEquals(Set.of(), trees.list());
    }
  }

  @Test
  void anImageThatWasMovedAsideIsNotMistakenForTheOneInItsPlace() throws IOException {
    trees.create("source", 100);
    Path image = installation.home().resolve("trees.img");
    Path aside = Files.createDirectory(installation.home().resolve("aside")).resolve("trees.img");
    Files.move(image, aside);
    IOException refused = assertThrows(IOException.class, () -> Trees.open(installation));
    assertTrue(String.valueOf(refused.getMessage()).contains("and is not"), refused.toString());
    assertFalse(Files.exists(image));
    assertEquals(LoopDevices.find(aside).stream().toList(), LoopDevices.below(folder));
    Files.move(aside, image);
  }

  @Test
  void noLinkOfTheOperatorIsOnTheWayToATree() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), other);
    Installation behind = TestInstallation.in(link);
    TreeStore store = Trees.open(behind);
    try {
      Path place = store.create("t", 10).path();
      assertEquals(place.toRealPath(), place);
    } finally {
      store.close();
    }
  }

  @Test
  void aTreeThatHoldsOthersEndsWithThem() throws IOException {
    Tree outer = trees.create("outer", 10);
    Btrfs.create(outer.upper(), "inner");
    Btrfs.create(outer.upper().resolve("inner"), "innermost");
    Files.writeString(outer.upper().resolve("inner/file"), "x");
    assertThrows(
        IOException.class, () -> Files.write(outer.upper().resolve("full"), new byte[12 << 20]));
    trees.drop("outer");
    Path dropped = installation.run().resolve("trees/dropped");
    while (!BtrfsTrees.names(dropped).isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aFrozenTreeCannotBeWrittenButForked() throws IOException {
    Tree source = trees.create("source", 0);
    Files.writeString(source.upper().resolve("a"), "one");
    Tree frozen = trees.freeze("source", "frozen");
    assertThrows(IOException.class, () -> Files.writeString(frozen.upper().resolve("b"), "never"));
    Tree fork = trees.fork("frozen", "fork", 10);
    Files.writeString(fork.upper().resolve("b"), "here");
    trees.drop("frozen");
    assertEquals(Set.of("source", "fork"), trees.list());
    assertEquals("one", Files.readString(fork.upper().resolve("a")));
  }

  @Test
  void writingStopsAtTheLimitAndGoesOnAfterAResize() throws IOException {
    Tree tree = trees.create("small", 20);
    assertThrows(IOException.class, () -> fill(tree.upper().resolve("big"), 40));
    assertTrue(trees.leftBytes("small") < 1 << 20, () -> "left " + trees.leftBytes("small"));
    Tree other = trees.create("other", 40);
    fill(other.upper().resolve("big"), 30);
    trees.resize("small", 100);
    assertTrue(trees.leftBytes("small") > 79 << 20, () -> "left " + trees.leftBytes("small"));
    trees.resize("small", 10);
    assertTrue(trees.leftBytes("small") < 0);
    trees.resize("small", 100);
    fill(tree.upper().resolve("more"), 40);
    trees.sync();
    assertTrue(trees.usedBytes("other") >= 30L << 20, () -> "used " + trees.usedBytes("other"));
  }

  @Test
  void whatOnlyACopyHoldsMakesRoom() throws IOException {
    Tree source = trees.create("source", 100);
    Path file = source.upper().resolve("file");
    for (int copy = 0; copy < 3; copy++) {
      fill(file, 70);
      trees.freeze("source", "copy" + copy);
      Files.delete(file);
      until(() -> trees.leftBytes("source") > 90L << 20);
      assertTrue(trees.usedBytes("source") < 10L << 20, () -> "" + trees.usedBytes("source"));
    }
    long limit = limit("source") >> 20;
    assertTrue(limit > 300 && limit <= 315, () -> "the limit is " + limit + " MB");
    assertThrows(IOException.class, () -> fill(file, 120));
    Files.delete(file);
    trees.sync();
    fill(file, 50);
    trees.drop("copy0");
    trees.drop("copy1");
    trees.drop("copy2");
    until(() -> limit("source") == 100L << 20);
    assertTrue(trees.usedBytes("source") >= 50L << 20, () -> "" + trees.usedBytes("source"));
  }

  @Test
  void aNodeThatRestartsTakesNoRoomAway() throws IOException {
    Tree source = trees.create("source", 100);
    fill(source.upper().resolve("file"), 70);
    trees.fork("source", "fork", 100);
    Files.delete(source.upper().resolve("file"));
    until(() -> limit("source") > 160L << 20);
    trees.close();
    trees = Trees.open(installation);
    trees.resize("source", 100);
    assertTrue(limit("source") > 160L << 20);
    trees.drop("fork");
    until(() -> limit("source") == 100L << 20);
  }

  @Test
  void manySmallFilesLiftNoLimit() throws IOException {
    Tree source = trees.create("source", 100);
    for (int i = 0; i < 5_000; i++) {
      Files.writeString(source.upper().resolve("a-file-with-a-name-" + i * 7_919L), "x");
    }
    for (int i = 0; i < 5_000; i += 3) {
      Files.delete(source.upper().resolve("a-file-with-a-name-" + i * 7_919L));
    }
    try (Limits limits = new Limits(Btrfs.fileSystemId(source.path()))) {
      assertEquals(0, limits.measure(source.path(), Btrfs.id(source.path())));
      trees.freeze("source", "frozen");
      fill(source.upper().resolve("big"), 10);
      assertEquals(0, limits.measure(source.path(), Btrfs.id(source.path())) >> 20);
    }
  }

  private long limit(String tree) {
    Path path = trees.get(tree).path();
    try {
      return Btrfs.limitOf(Btrfs.fileSystemId(path), Btrfs.id(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void anAttachedImageIsUsedAgainAfterACrash() throws IOException {
    trees.create("kept", 10);
    // As after kill -9: the mount is there, and nobody closed it.
    TreeStore again = Trees.open(installation);
    assertEquals(Set.of("kept"), again.list());
    Mounts.unmount(installation.run().resolve("trees"));
    // As after kill -9 with a mount that lived in a namespace that is gone.
    again = Trees.open(installation);
    assertEquals(Set.of("kept"), again.list());
    long devices;
    try (var blocks = Files.list(Path.of("/sys/block"))) {
      String image = installation.home().resolve("trees.img").toString();
      devices =
          blocks
              .map(block -> block.resolve("loop/backing_file"))
              .filter(Files::exists)
              .filter(file -> read(file).equals(image))
              .count();
    }
    assertEquals(1, devices);
    again.close();
    trees = Trees.open(installation);
    assertEquals(Set.of("kept"), trees.list());
  }

  @Test
  void aDroppedTreeIsGoneAtOnceAndItsNameIsFree() throws IOException {
    Tree tree = trees.create("again", 10);
    Files.writeString(tree.upper().resolve("a"), "one");
    trees.drop("again");
    assertEquals(Set.of(), trees.list());
    trees.drop("again");
    assertFalse(Files.exists(trees.create("again", 10).upper().resolve("a")));
  }

  @Test
  void anImageGrowsWithItsConfiguration() throws IOException {
    long before = trees.capacity().totalBytes();
    trees.close();
    trees =
        new BtrfsTrees(
            ImageVolume.open(
                installation.home().resolve("trees.img"),
                installation.run().resolve("trees"),
                2048));
    assertEquals(before * 2, trees.capacity().totalBytes());
  }

  @Test
  void aHomeOnBtrfsNeedsNoImage() throws IOException {
    Path home = installation.run().resolve("trees/home");
    Installation inner = TestInstallation.withHome(installation, home);
    try (TreeStore store = Trees.open(inner)) {
      Tree tree = store.create("one", 1);
      assertThrows(IOException.class, () -> fill(tree.upper().resolve("big"), 3));
      assertEquals(home.resolve("trees/live/one"), tree.path());
      assertFalse(Files.exists(home.resolve("trees.img")));
      store.drop("one");
    }
  }

  @Test
  void whatWasDroppedBeforeARestartEndsAfterIt() throws IOException {
    Tree tree = trees.create("big", 0);
    fill(tree.upper().resolve("big"), 30);
    Path place = tree.path();
    trees.close();
    Path image = installation.home().resolve("trees.img");
    Volume volume = ImageVolume.open(image, installation.run().resolve("trees"), 1024);
    Files.move(place, volume.root().resolve("dropped/0.big"));
    volume.close();
    trees = Trees.open(installation);
    trees.close();
    volume = ImageVolume.open(image, installation.run().resolve("trees"), 1024);
    assertEquals(Set.of(), BtrfsTrees.names(volume.root().resolve("dropped")));
    volume.close();
    trees = Trees.open(installation);
  }

  @Test
  void badIdsAreRefused() {
    for (String id : Set.of("", "..", "a/b", "A", "a".repeat(101), "a b")) {
      assertEquals(
          Reason.INVALID_ID, assertThrows(TreeException.class, () -> trees.create(id, 1)).reason());
    }
    trees.create("one", 1);
    assertEquals(
        Reason.EXISTS, assertThrows(TreeException.class, () -> trees.create("one", 1)).reason());
    assertEquals(
        Reason.NOT_FOUND,
        assertThrows(TreeException.class, () -> trees.fork("none", "two", 1)).reason());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  private static void fill(Path file, int megabytes) throws IOException {
    byte[] block = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < megabytes; i++) {
        new java.util.Random(i).nextBytes(block);
        out.write(block);
      }
    }
    try (var channel =
        java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}

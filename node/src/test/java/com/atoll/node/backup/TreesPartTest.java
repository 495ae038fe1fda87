package com.atoll.node.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.Tree;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.trees.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Trees out of one store and into another one. */
@Timeout(120)
final class TreesPartTest {
  private static final int SIZE = 8 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;
  private final byte[] large = new byte[SIZE];
  private Path base = Path.of("/nowhere");

  private TreeStore store(String home) throws IOException {
    return Trees.open(base.resolve(home), base.resolve(home + "-trees"), 2048, new Standstill());
  }

  private void fill(TreeStore trees) throws IOException {
    new Random(1).nextBytes(large);
    Tree source = trees.create("source", 100);
    Files.write(source.upper().resolve("large"), large);
    Files.createSymbolicLink(source.upper().resolve("link"), Path.of("large"));
    trees.freeze("source", "frozen");
    Tree fork = trees.fork("frozen", "fork", 50);
    Files.writeString(fork.upper().resolve("own"), "own");
    Files.delete(fork.upper().resolve("link"));
    trees.fork("fork", "child", 0);
    Files.writeString(trees.create("other", 0).upper().resolve("own"), "other");
    // Its origin is gone when the backup comes.
    trees.drop("frozen");
    trees.freeze("source", "frozen-2");
    // All that wrote its files is gone.
    Files.write(trees.create("gone", 0).upper().resolve("large"), large);
    trees.fork("gone", "orphan", 4);
    trees.drop("gone");
    trees.sync();
  }

  private Manifest.Section write(TreeStore trees, Path file) throws IOException {
    Path list = folder.resolve("list");
    Files.write(list, JSON.writeValueAsBytes(trees.keepAll("b-1")));
    Preface preface = new Preface(Preface.FORMAT, "1", "abcd", "now", 18, null);
    try (OutputStream out = Files.newOutputStream(file);
        ArchiveWriter writer = new ArchiveWriter(out, preface, null)) {
      writer.begin("trees");
      Path copies = trees.root().resolve("backup/b-1");
      new TreesPart(writer, () -> {}, copies, list).write(new Progress());
      Manifest.Section section = writer.end();
      writer.finish();
      return section;
    }
  }

  @Test
  void theyAreTheSameAndShareWhatTheyShared() throws IOException {
    thereAndBack(folder);
  }

  @Test
  void onABtrfsOfTheHostToo() throws IOException {
    Path host = Files.createDirectory(folder.resolve("host"));
    base = host;
    try (TreeStore outer = store("outer")) {
      thereAndBack(outer.create("host", 0).upper());
    }
  }

  private void thereAndBack(Path place) throws IOException {
    base = place;
    Path file = folder.resolve("backup");
    try (TreeStore trees = store("from")) {
      fill(trees);
      Manifest.Section section = write(trees, file);
      assertEquals(6, section.entries());
      assertTrue(section.bytes() < SIZE * 5L / 2, () -> section.bytes() + " bytes");
      trees.dropKept("b-1");
      while (Files.exists(trees.root().resolve("backup/b-1"))) {
        Thread.onSpinWait();
      }
    }
    try (Placing placing = new Placing(Files.createDirectory(base.resolve("to")), 512, null)) {
      new ArchiveReader(Source.file(file)).read(placing, null);
    }
    try (TreeStore trees = store("to")) {
      assertEquals(Set.of("source", "frozen-2", "fork", "child", "other", "orphan"), trees.list());
      for (String id : Set.of("source", "frozen-2", "fork", "child")) {
        assertArrayEquals(large, Files.readAllBytes(trees.get(id).upper().resolve("large")));
      }
      assertEquals("own", Files.readString(trees.get("child").upper().resolve("own")));
      assertEquals("other", Files.readString(trees.get("other").upper().resolve("own")));
      assertTrue(Files.isSymbolicLink(trees.get("source").upper().resolve("link")));
      assertTrue(Files.notExists(trees.get("fork").upper().resolve("link")));
      sharedAndLimited(trees);
      // What was restored can be backed up again.
      write(trees, folder.resolve("second"));
    }
  }

  private void sharedAndLimited(TreeStore trees) throws IOException {
    TreeStore.Capacity capacity = trees.capacity();
    long used = capacity.totalBytes() - capacity.availableBytes();
    assertTrue(used < SIZE * 10L, () -> used + " bytes are used");
    Path frozen = trees.get("frozen-2").upper();
    assertThrows(IOException.class, () -> Files.writeString(frozen.resolve("never"), "x"));
    assertTrue(Btrfs.isReadOnly(trees.get("frozen-2").path()));
    Files.writeString(trees.get("source").upper().resolve("more"), "x");
    Files.write(trees.get("orphan").upper().resolve("more"), new byte[2 << 20]);
    trees.sync();
    if (trees.usedBytes("source") > 0) {
      assertTrue(trees.usedBytes("fork") < SIZE / 4);
      Path fork = trees.get("fork").upper();
      assertThrows(IOException.class, () -> Files.write(fork.resolve("x"), new byte[60 << 20]));
    }
  }
}

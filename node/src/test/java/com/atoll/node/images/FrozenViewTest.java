package com.atoll.node.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.linux.Mounts;
import com.atoll.node.trees.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FrozenViewTest {
  /** As many as an image may have. */
  private static final int LAYERS = 32;

  @TempDir private Path folder;
  private Path views;
  private Path volume;
  private Path trap;
  private Tree tree;

  @BeforeEach
  void begin() throws IOException {
    views = folder.resolve("views");
    volume = Files.createDirectories(folder.resolve("live/volume/u"));
    trap = Files.createDirectories(folder.resolve("trap/rootfs"));
    Files.writeString(trap.resolve("secret"), "secret");
    tree = new Tree("own", folder.resolve("live/own"));
    Files.createDirectories(tree.upper());
    Files.writeString(tree.upper().resolve("own"), "own");
  }

  private static Image image(Path root, List<Path> layers) {
    return new Image("", "0".repeat(32), root, layers, 0, 3000, Map.of(), false);
  }

  private void refused(Image image) throws IOException {
    assertThrows(IOException.class, () -> FrozenView.open(views, tree, image).close());
    try (var left = Files.list(views)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void everyLayerIsSeenHoweverLongItsPath() throws IOException {
    List<Path> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      Path layer = Files.createDirectories(folder.resolve("l".repeat(200) + i));
      Files.writeString(layer.resolve("f" + i), "layer " + i);
      Files.writeString(layer.resolve("all"), "layer " + i);
      layers.add(layer);
    }
    Path mounted;
    try (FrozenView view = FrozenView.open(views, tree, image(trap, layers))) {
      mounted = view.root();
      assertEquals("own", Files.readString(view.resolve("/own")));
      assertEquals("layer 0", Files.readString(view.resolve("/all")));
      assertEquals("layer 31", Files.readString(view.resolve("/f31")));
      assertEquals("secret", Files.readString(view.resolve("/secret")));
    }
    assertFalse(Mounts.isMounted(mounted));
  }

  @Test
  void whatBecameALinkMeanwhileIsNoLayer() throws IOException {
    Path root = Files.createDirectories(volume.resolve("oci/rootfs"));
    Files.writeString(root.resolve("mine"), "mine");
    Image image = image(root, List.of());
    try (FrozenView view = FrozenView.open(views, tree, image)) {
      assertEquals("mine", Files.readString(view.resolve("/mine")));
    }
    Files.delete(root.resolve("mine"));
    Files.delete(root);
    Files.createSymbolicLink(root, trap);
    refused(image);
    refused(image(trap, List.of(root)));
    Files.delete(root);
    Files.delete(root.getParent());
    Files.createSymbolicLink(root.getParent(), trap.getParent());
    refused(image);
    refused(image(trap, List.of(root)));
  }

  @Test
  void aTreeThatIsALinkIsNone() throws IOException {
    Files.delete(tree.upper().resolve("own"));
    Files.delete(tree.upper());
    Files.createSymbolicLink(tree.upper(), trap);
    refused(image(volume, List.of()));
  }
}

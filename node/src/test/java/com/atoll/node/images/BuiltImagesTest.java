package com.atoll.node.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.images.ImageException.Reason;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole root file systems inside of trees that sandboxes wrote. */
final class BuiltImagesTest {
  private static final String DIGEST = "0".repeat(32);

  @TempDir private Path folder;
  private BuiltImages images;
  private Path upper;
  private Path elsewhere;

  @BeforeEach
  void begin() throws IOException {
    Tree tree = new Tree("t", folder.resolve("live/t"));
    upper = Files.createDirectories(tree.upper());
    elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    images =
        new BuiltImages(
            new RecordFolder<>(folder.resolve("records"), BuiltImage.class),
            id -> Optional.of(tree).filter(known -> known.id().equals(id)));
  }

  private Image compose(String inner) {
    BuiltImage image = new BuiltImage("oci~x", DIGEST, "", "t", inner, Map.of(), 0, 0, 0);
    return images.compose(
        image,
        digest -> {
          throw new ImageException(Reason.UNKNOWN, digest);
        });
  }

  private void refuse(String inner) {
    ImageException refused = assertThrows(ImageException.class, () -> compose(inner), inner);
    assertEquals(Reason.FAILED, refused.reason());
  }

  @Test
  void aDirectoryOfTheTreeIsARoot() throws IOException {
    Path root = Files.createDirectories(upper.resolve("a/b/c"));
    assertEquals(List.of(root), compose("a/b/c").lowers());
  }

  @Test
  void noPartOfTheWayToItIsALink() throws IOException {
    Files.createDirectories(elsewhere.resolve("b/c"));
    Files.createDirectories(upper.resolve("real/b/c"));
    for (Path target : List.of(elsewhere, Path.of("real"))) {
      Path base = upper.resolve(target);
      for (String link : List.of("a", "a/b", "a/b/c")) {
        Path place = upper.resolve(link);
        Files.createDirectories(place.getParent());
        String rest = link.length() == 1 ? "" : link.substring(2);
        Files.createSymbolicLink(place, base.resolve(rest));
        refuse("a/b/c");
        Files.delete(place);
      }
      Files.delete(upper.resolve("a/b"));
      Files.delete(upper.resolve("a"));
      Files.createSymbolicLink(upper.resolve("a"), target);
      refuse("a/b/c");
      Files.delete(upper.resolve("a"));
    }
  }

  @Test
  void aRootLiesInItsTree() throws IOException {
    Files.createDirectories(upper.resolve("a"));
    Files.createDirectories(upper.resolve("etc"));
    Files.writeString(upper.resolve("file"), "");
    for (String inner : List.of("..", "../u", "a/../a", "/etc", ".", "missing", "file")) {
      refuse(inner);
    }
  }
}

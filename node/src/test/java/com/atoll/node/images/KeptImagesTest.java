package com.atoll.node.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.TestInstallation;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.Tree;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that were made in sandboxes, over starts of the node. */
final class KeptImagesTest {
  private static final String DIGEST = "0123456789abcdef0123456789abcdef";
  private static final BuiltImage IMAGE =
      new BuiltImage("b", DIGEST, "", "t", "root", Map.of(), 1, 0, 0);

  @TempDir Path folder;
  private Installation installation;

  @BeforeEach
  void files() throws IOException {
    installation = TestInstallation.in(folder);
    Files.createDirectories(folder.resolve("t/u/root"));
  }

  private Images open() throws IOException {
    return LocalImages.open(
        installation, id -> Optional.of(new Tree(id, folder.resolve(id))), new Standstill());
  }

  private boolean isThereAgain() throws Exception {
    try (Images images = open()) {
      return images.restore("b", DIGEST);
    }
  }

  @Test
  void oneThatWasGivenUpIsNotThereAgain() throws Exception {
    try (Images images = open()) {
      images.activate(IMAGE);
    }
    assertTrue(isThereAgain());
    try (Images images = open()) {
      assertTrue(images.restore("b", DIGEST));
      images.drop("b");
    }
    assertFalse(isThereAgain());
  }

  @Test
  void oneThatIsWantedAgainIsGivenUpNoLonger() throws Exception {
    try (Images images = open()) {
      images.activate(IMAGE);
    }
    try (Images images = open()) {
      images.sweep(Set.of());
      BuiltImage kept = images.made(DIGEST).orElseThrow();
      assertTrue(kept.droppedMs() > 0);
      images.offer(kept);
      assertEquals(0, images.made(DIGEST).orElseThrow().droppedMs());
      images.activate(kept);
    }
    assertTrue(isThereAgain());
  }
}

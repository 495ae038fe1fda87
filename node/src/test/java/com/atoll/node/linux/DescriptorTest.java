package com.atoll.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DescriptorTest {
  @TempDir Path folder;

  @Test
  void nothingLeadsOutOfTheRoot() throws IOException {
    Path root = Files.createDirectory(folder.resolve("root"));
    Files.writeString(folder.resolve("secret"), "outside");
    Files.writeString(root.resolve("secret"), "inside");
    Files.createSymbolicLink(root.resolve("up"), Path.of("../secret"));
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/secret"));
    try (Descriptor place = Descriptor.open(root, Descriptor.PATH | Descriptor.DIRECTORY)) {
      for (String path : new String[] {"up", "absolute", "../secret", "/secret", "a/../secret"}) {
        if (path.startsWith("a/")) {
          assertEquals(Errno.ENOENT, refusal(place, path).errno());
        } else {
          assertEquals("inside", read(place, path));
        }
      }
      assertEquals(
          Errno.ELOOP,
          assertThrows(
                  LinuxException.class,
                  () -> Descriptor.openWithoutLinks(place, "up", Descriptor.READ_ONLY))
              .errno());
    }
  }

  @Test
  void whoRenamesWithoutEndDoesNotStandInTheWay() throws Exception {
    Path root = folder.resolve("root");
    Files.createDirectories(root.resolve("a/b"));
    Files.writeString(root.resolve("file"), "inside");
    Path one = Files.writeString(folder.resolve("one"), "");
    Path two = folder.resolve("two");
    AtomicBoolean enough = new AtomicBoolean();
    Thread renaming =
        Thread.ofPlatform()
            .start(() -> {
              while (!enough.get()) {
                assertTrue(one.toFile().renameTo(two.toFile()));
                assertTrue(two.toFile().renameTo(one.toFile()));
              }
            });
    try (Descriptor place = Descriptor.open(root, Descriptor.PATH | Descriptor.DIRECTORY)) {
      for (int i = 0; i < 5_000; i++) {
        assertEquals("inside", read(place, "a/b/../../a/../file"));
      }
    } finally {
      enough.set(true);
      renaming.join();
    }
  }

  private static LinuxException refusal(Descriptor root, String path) {
    return assertThrows(
        LinuxException.class, () -> Descriptor.openInside(root, path, Descriptor.READ_ONLY));
  }

  private static String read(Descriptor root, String path) throws IOException {
    try (Descriptor file = Descriptor.openInside(root, path, Descriptor.READ_ONLY)) {
      return Files.readString(file.path());
    }
  }
}

package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedImage;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** A snapshot goes into the archive, leaves the node, comes back and is forgotten. */
final class ArchiveSteps {
  private static final String FOLDER = "0123456789abcdef";
  private static final ArchivedSnapshot SNAPSHOT =
      ArchivedSnapshot.newBuilder()
          .setFolder(FOLDER)
          .setSnapshotId("s")
          .setKey(ByteString.copyFrom(new byte[32]))
          .build();

  private static final ByteString IMAGE_KEY = ByteString.copyFrom(new byte[32]);

  private final NodeUnderTest node;
  private final boolean withImages;
  private final Set<String> images = new HashSet<>();

  /**
   * Steps on this node.
   *
   * @param withImages whether what the snapshot stands on goes along, and comes to another node
   */
  ArchiveSteps(NodeUnderTest node, boolean withImages) {
    this.node = node;
    this.withImages = withImages;
  }

  void prepare() {
    node.claim("c");
    node.out("c", "echo kept > kept");
    var _ = node.take("s", "c");
  }

  /** All of it; each step may be repeated. */
  void all() {
    away();
    if (withImages) {
      elsewhere();
    }
    back();
    forget();
  }

  private void forget() {
    var _ = node.node().deleteArchived(SNAPSHOT);
    for (String digest : images) {
      var _ =
          node.node()
              .deleteArchivedImage(
                  ArchivedImage.newBuilder().setFolder(FOLDER).setDigest(digest).build());
    }
  }

  private void away() {
    node.node()
        .archiveSnapshot(
            ArchiveSnapshotRequest.newBuilder()
                .setSnapshot(SNAPSHOT)
                .setImageKey(withImages ? IMAGE_KEY : ByteString.EMPTY)
                .build())
        .forEachRemaining(message -> images.addAll(message.getImagesList()));
    var _ = node.node().evictSnapshot(SNAPSHOT);
  }

  /** As another node would: under an id of its own, on images that came with it. */
  private void elsewhere() {
    node.node()
        .restoreSnapshot(
            RestoreSnapshotRequest.newBuilder()
                .addChain(SNAPSHOT)
                .setAsSnapshotId("t")
                .setImageKey(IMAGE_KEY)
                .build())
        .forEachRemaining(message -> {});
  }

  private void back() {
    node.node()
        .restoreSnapshot(RestoreSnapshotRequest.newBuilder().addChain(SNAPSHOT).build())
        .forEachRemaining(message -> {});
  }

  /** What must hold however often it was cut short. */
  void check() throws IOException {
    away();
    if (withImages) {
      assertEquals(1, images.size());
      elsewhere();
      var _ = node.forkSnapshot("t", "g");
      assertEquals("kept\n", node.out("g", "cat kept"));
    }
    back();
    var _ = node.forkSnapshot("s", "f");
    assertEquals("kept\n", node.out("f", "cat kept"));
    forget();
    node.dropSnapshot("s");
    if (withImages) {
      node.dropSnapshot("t");
    }
    Path archive = node.installation().home().resolveSibling("archive").resolve(FOLDER);
    try (Stream<Path> left = Files.list(archive)) {
      assertEquals(0, left.count());
    }
    Path arriving =
        Path.of("/proc/" + node.process().pid() + "/root")
            .resolve(node.installation().run().resolve("trees/arriving").toString().substring(1));
    try (Stream<Path> left = Files.list(arriving)) {
      assertEquals(0, left.count());
    }
    node.destroy("f");
    if (withImages) {
      node.destroy("g");
    }
    node.destroy("c");
  }
}

package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private final NodeUnderTest node;

  ArchiveSteps(NodeUnderTest node) {
    this.node = node;
  }

  void prepare() {
    node.claim("c");
    node.out("c", "echo kept > kept");
    var _ = node.take("s", "c");
  }

  /** All of it; each step may be repeated. */
  void all() {
    away();
    back();
    var _ = node.node().deleteArchived(SNAPSHOT);
  }

  private void away() {
    node.node()
        .archiveSnapshot(ArchiveSnapshotRequest.newBuilder().setSnapshot(SNAPSHOT).build())
        .forEachRemaining(message -> {});
    var _ = node.node().evictSnapshot(SNAPSHOT);
  }

  private void back() {
    node.node()
        .restoreSnapshot(RestoreSnapshotRequest.newBuilder().addChain(SNAPSHOT).build())
        .forEachRemaining(message -> {});
  }

  /** What must hold however often it was cut short. */
  void check() throws IOException {
    away();
    back();
    var _ = node.forkSnapshot("s", "f");
    assertEquals("kept\n", node.out("f", "cat kept"));
    var _ = node.node().deleteArchived(SNAPSHOT);
    node.dropSnapshot("s");
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
    node.destroy("c");
  }
}

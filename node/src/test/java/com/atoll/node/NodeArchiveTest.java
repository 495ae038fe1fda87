package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.node.v1.ArchiveProgress;
import com.atoll.node.v1.ArchiveSnapshotRequest;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.node.v1.RestoreSnapshotRequest;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Copies of snapshots that are changes of others, whatever becomes of the copies of those. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeArchiveTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  private static ArchivedSnapshot copyOf(String id) {
    return ArchivedSnapshot.newBuilder()
        .setFolder("0123456789abcdef")
        .setSnapshotId(id)
        .setKey(ByteString.copyFrom(new byte[32]))
        .build();
  }

  /** Two snapshots of a workload that goes then. */
  private void takeTwo(String first, String second) {
    node.claim(first + "-of");
    node.out(first + "-of", "echo first > state");
    var _ = node.take(first, first + "-of");
    node.out(first + "-of", "echo second > state");
    var _ = node.take(second, first + "-of");
    node.destroy(first + "-of");
  }

  private String archive(String id) {
    return parentOf(ArchiveSnapshotRequest.newBuilder().setSnapshot(copyOf(id)));
  }

  private String archive(String id, String parent) {
    return parentOf(
        ArchiveSnapshotRequest.newBuilder().setSnapshot(copyOf(id)).setParent(copyOf(parent)));
  }

  private String parentOf(ArchiveSnapshotRequest.Builder request) {
    ArchiveProgress[] last = {ArchiveProgress.getDefaultInstance()};
    node.node().archiveSnapshot(request.build()).forEachRemaining(message -> last[0] = message);
    return last[0].getParentId();
  }

  private void evict(String id) {
    var _ = node.node().evictSnapshot(copyOf(id));
  }

  private void forget(String id) {
    var _ = node.node().deleteArchived(copyOf(id));
  }

  private void assertComesBack(String id, String... chain) {
    RestoreSnapshotRequest.Builder order = RestoreSnapshotRequest.newBuilder();
    for (String each : chain) {
      order.addChain(copyOf(each));
    }
    node.node().restoreSnapshot(order.build()).forEachRemaining(message -> {});
    var _ = node.forkSnapshot(id, id + "-back");
    assertEquals("second\n", node.out(id + "-back", "cat state"));
    node.destroy(id + "-back");
  }

  @Test
  void aCopyStandsOnWhatItWasLastAskedToStandOn() {
    takeTwo("a1", "a2");
    assertEquals("", archive("a1"));
    assertEquals("a1", archive("a2", "a1"));
    // The answer was lost, and the parent has gone before it was asked again.
    assertEquals("", archive("a2"));
    forget("a1");
    node.dropSnapshot("a1");
    evict("a2");
    assertComesBack("a2", "a2");
  }

  @Test
  void aChangeComesBackBesideItsParentWhateverTheCopyOfThatOne() {
    takeTwo("b1", "b2");
    assertEquals("", archive("b1"));
    assertEquals("b1", archive("b2", "b1"));
    evict("b2");
    forget("b1");
    assertComesBack("b2", "b1", "b2");
  }

  @Test
  void aChangeComesBackOnACopyOfItsParentThatWasMadeAnew() {
    takeTwo("c1", "c2");
    assertEquals("", archive("c1"));
    assertEquals("c1", archive("c2", "c1"));
    evict("c2");
    forget("c1");
    assertEquals("", archive("c1"));
    evict("c1");
    assertComesBack("c2", "c1", "c2");
  }
}

package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotPathRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots on the whole node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeSnapshotsTest {
  private NodeUnderTest node;

  @BeforeAll
  void start() throws IOException {
    node = NodeUnderTest.create();
    node.start();
    node.awaitTemplate();
    node.claim("app");
  }

  @AfterAll
  void end() throws IOException {
    node.terminate();
    assertEquals(0, node.tearDown());
    assertEquals(List.of(), node.leftOnHost());
    node.close();
  }

  @Test
  void itIsAsTheFilesWereAndOutlivesTheWorkload() throws IOException {
    node.claim("one");
    node.out("one", "echo before > state; rm -f /usr/bin/pgrep");
    Snapshot taken = take("one-1", "one");
    assertEquals(NodeUnderTest.TEMPLATE, taken.getTemplateId());
    assertTrue(taken.getPauseMicros() > 0);
    node.out("one", "echo after > state");
    assertEquals(taken, take("one-1", "one"));
    node.destroy("one");
    node.kill();
    node.start();
    assertTrue(listed("one-1"));
    fork("two", "one-1");
    assertEquals("before\n", node.out("two", "cat state; ls /usr/bin/pgrep 2>/dev/null"));
    node.out("two", "echo forked > state");
    fork("three", "one-1");
    assertEquals("before\n", node.out("three", "cat state"));
    drop("one-1");
    drop("one-1");
    assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> fork("four", "one-1")));
    assertEquals("forked\n", node.out("two", "cat state"));
    node.destroy("two");
    node.destroy("three");
  }

  @Test
  void aStoppedWorkloadIsTakenAsItIs() {
    node.claim("still");
    node.out("still", "echo kept > state");
    var _ =
        node.node()
            .pause(
                PauseRequest.newBuilder().setId("still").setMode(PauseRequest.Mode.STOP).build());
    assertEquals(0, take("still-1", "still").getPauseMicros());
    fork("woken", "still-1");
    assertEquals("kept\n", node.out("woken", "cat state"));
    List.of("still", "woken").forEach(node::destroy);
    drop("still-1");
  }

  @Test
  void foldersAndFilesAreReadWithoutAWorkload(@TempDir Path folder) throws Exception {
    node.out(
        "app",
        "mkdir -p tree/in; echo one > tree/a; echo two > tree/in/b; ln -s in/b tree/link;"
            + " chmod 640 tree/a; mkfifo tree/fifo; echo long > tree/$(printf 'n%.0s' $(seq 200))");
    take("tree", "app");
    List<FileInfo> entries = list("tree", "/workspace/tree");
    assertEquals(
        List.of("a", "fifo", "in", "link"),
        entries.stream()
            .map(e -> e.getPath().substring("/workspace/tree/".length()))
            .filter(name -> name.length() < 10)
            .collect(Collectors.toList()));
    assertEquals(0640, entries.getFirst().getMode());
    assertEquals("in/b", entries.get(3).getLinkTarget());
    assertEquals("one\n", text(read("tree", "/workspace/tree/a")));
    assertEquals("two\n", text(read("tree", "/workspace/tree/link")));
    Files.write(folder.resolve("all.tar"), bytes(read("tree", "/workspace/tree")));
    Process tar =
        new ProcessBuilder("tar", "-xf", "all.tar").directory(folder.toFile()).inheritIO().start();
    assertEquals(0, tar.waitFor());
    assertEquals("one\n", Files.readString(folder.resolve("tree/a")));
    assertEquals("in/b", Files.readSymbolicLink(folder.resolve("tree/link")).toString());
    assertEquals("long\n", Files.readString(folder.resolve("tree/" + "n".repeat(200))));
    drop("tree");
  }

  @Test
  void hostilePathsStayInside() throws IOException {
    node.out(
        "app",
        "mkdir -p bad; ln -s / bad/root; ln -s ../../../../../../etc/hostname bad/up;"
            + " ln -s /proc/1/root bad/proc; ln -s loop bad/loop; mkfifo bad/fifo;"
            + " echo mine > /etc/own");
    take("bad", "app");
    assertEquals("mine\n", text(read("bad", "/workspace/bad/root/etc/own")));
    assertEquals("mine\n", text(read("bad", "/../../../../etc/own")));
    assertEquals(text(read("bad", "/etc/hostname")), text(read("bad", "/workspace/bad/up")));
    for (String path :
        List.of(
            "/workspace/bad/proc/etc/shadow", "/workspace/bad/loop", "/nowhere", "/etc/own/x")) {
      assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> read("bad", path)), path);
    }
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        NodeProcessTest.code(() -> read("bad", "/workspace/bad/fifo")));
    assertEquals(
        Status.Code.FAILED_PRECONDITION, NodeProcessTest.code(() -> list("bad", "/etc/own")));
    for (String path : List.of("", "etc", "/a\0b", "/" + "x".repeat(300), "/" + "x".repeat(5000))) {
      assertEquals(Status.Code.INVALID_ARGUMENT, NodeProcessTest.code(() -> read("bad", path)));
    }
    node.out("app", "rm -r bad");
    drop("bad");
  }

  @Test
  void whoReadsReadsToTheEnd() throws IOException {
    node.out("app", "head -c 8M /dev/zero > big");
    take("big", "app");
    try (SocketChannel channel = redeem(read("big", "/workspace/big"))) {
      InputStream in = Channels.newInputStream(channel);
      assertTrue(in.read() >= 0);
      drop("big");
      assertEquals(Status.Code.NOT_FOUND, NodeProcessTest.code(() -> list("big", "/")));
      assertTrue(in.readAllBytes().length >= 8 << 20);
    }
  }

  private Snapshot take(String id, String workload) {
    return node.take(id, workload);
  }

  private void drop(String id) {
    node.dropSnapshot(id);
  }

  private boolean listed(String id) {
    return node.node().listSnapshots(ListRequest.getDefaultInstance()).getSnapshotsList().stream()
        .anyMatch(snapshot -> snapshot.getId().equals(id));
  }

  private void fork(String id, String snapshot) {
    var _ = node.forkSnapshot(snapshot, id);
  }

  private List<FileInfo> list(String id, String path) {
    return node.node().listSnapshotFolder(request(id, path)).getEntriesList();
  }

  private OpenReadReply read(String id, String path) {
    return node.node().openSnapshotFile(request(id, path));
  }

  private static SnapshotPathRequest request(String id, String path) {
    return SnapshotPathRequest.newBuilder().setSnapshotId(id).setPath(path).build();
  }

  private String text(OpenReadReply reply) throws IOException {
    assertEquals(FileType.FILE, reply.getInfo().getType());
    return new String(bytes(reply), StandardCharsets.UTF_8);
  }

  private byte[] bytes(OpenReadReply reply) throws IOException {
    try (SocketChannel channel = redeem(reply)) {
      InputStream in = Channels.newInputStream(channel);
      int next = in.read();
      while (next >= 0 && next != '\n') {
        next = in.read();
      }
      return in.readAllBytes();
    }
  }

  private SocketChannel redeem(OpenReadReply reply) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(node.installation().streamsSocket()));
    String line = "{\"ticket\":\"" + reply.getTicket().getToken() + "\"}\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    return channel;
  }
}

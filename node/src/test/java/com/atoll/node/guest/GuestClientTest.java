package com.atoll.node.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class GuestClientTest {
  @TempDir Path folder;

  private AgentFixture agent;
  private GuestClient guest;

  @BeforeEach
  void start() throws IOException {
    agent = AgentFixture.start(folder);
    guest = agent.client();
  }

  @AfterEach
  void stop() {
    agent.close();
  }

  @Test
  void variablesAreAddedToOrReplaced() {
    guest.configure("box", Map.of("OLD", "1", "KEPT", "1"), List.of());
    guest.configure("box", Map.of("NEW", "1"), List.of());
    assertEquals("1 1 1\n", variables());
    guest.configureAnew("box", Map.of("KEPT", "2"));
    assertEquals("- 2 -\n", variables());
  }

  private String variables() {
    return text(guest.processes().run(shell("echo ${OLD:--} ${KEPT:--} ${NEW:--}"), 0).stdout());
  }

  @Test
  void runsACommandToItsEnd() {
    guest.configure("box", Map.of("COLOR", "blue"), List.of());
    RunResult result =
        guest
            .processes()
            .run(shell("cat; echo $COLOR; echo err >&2; exit 3").reading(bytes("in\n")), 0);
    assertEquals("in\nblue\n", text(result.stdout()));
    assertEquals("err\n", text(result.stderr()));
    assertEquals(3, result.exitCode());
    assertTrue(result.durationMicros() > 0);
    assertFalse(result.stdoutCut());
  }

  @Test
  void endsACommandAtItsTimeOut() {
    RunResult result = guest.processes().run(shell("sleep 60").within(Duration.ofMillis(100)), 0);
    assertEquals(124, result.exitCode());
    assertTrue(result.timedOut());
  }

  @Test
  void answersOfACommandThatIsEndedFromOutside() {
    RunResult result =
        guest
            .processes()
            .run(
                shell("echo hi; sleep 60"),
                0,
                kill ->
                    Thread.ofVirtual()
                        .start(() -> {
                          LockSupport.parkNanos(500_000_000);
                          kill.run();
                        }));
    assertEquals("hi\n", text(result.stdout()));
    assertEquals(137, result.exitCode());
    assertFalse(result.timedOut());
  }

  @Test
  void cutsOutputAtItsLimit() {
    RunResult result = guest.processes().run(shell("head -c 5000 /dev/zero"), 100);
    assertEquals(100, result.stdout().length);
    assertTrue(result.stdoutCut());
  }

  @Test
  void followsAStartedProcess() throws IOException {
    GuestProcesses.Started started =
        guest.processes().startAndFollow(shell("echo one; echo two >&2; exit 4"), "job");
    assertEquals("job", started.process().name());
    List<RecordFrames.Frame> frames = frames(started.records());
    RecordFrames.Frame last = frames.getLast();
    assertEquals(RecordFrames.EXIT, last.stream());
    assertTrue(text(last.payload()).contains("\"exit_code\":4"));
    assertEquals(frames.size(), last.sequence());
    List<RecordFrames.Frame> again =
        frames(guest.processes().records(started.process().pid(), last.sequence() - 1, true));
    assertEquals(1, again.size());
    Tail tail = guest.processes().tail(started.process().pid(), 1);
    assertEquals("one\n", text(tail.stdout()));
    assertEquals("two\n", text(tail.stderr()));
    GuestProcess ended = guest.processes().get(started.process().pid());
    assertFalse(ended.running());
    assertEquals(4, ended.exitCode());
    assertEquals(1, guest.processes().list().size());
  }

  @Test
  void talksToATerminal() throws IOException {
    Command command =
        new Command(
            "read x; echo got $x; stty size; read y",
            List.of(),
            "/",
            Map.of(),
            null,
            null,
            new byte[0],
            true,
            30,
            90,
            true);
    GuestProcesses.Started started = guest.processes().startAndFollow(command, "");
    long pid = started.process().pid();
    guest.processes().resize(pid, 40, 120);
    guest.processes().input(pid, bytes("hi\n"), false);
    guest.processes().input(pid, bytes("\n"), false);
    StringBuilder output = new StringBuilder();
    for (RecordFrames.Frame frame : frames(started.records())) {
      output.append(text(frame.payload()));
    }
    // The terminal's echo of the second line may come anywhere between.
    assertTrue(output.toString().contains("got hi\r\n"), output.toString());
    assertTrue(output.toString().contains("40 120\r\n"), output.toString());
  }

  @Test
  void signalsAProcess() throws IOException {
    GuestProcess process = guest.processes().start(shell("exec sleep 60"), "");
    guest.processes().signal(process.pid(), 15, true, Duration.ofSeconds(1));
    List<RecordFrames.Frame> frames = frames(guest.processes().records(process.pid(), 0, true));
    assertTrue(text(frames.getLast().payload()).contains("143"));
    assertCode("PROCESS_EXITED", () -> guest.processes().signal(process.pid(), 15, false, null));
    assertCode("PROCESS_NOT_FOUND", () -> guest.processes().get(1));
  }

  @Test
  void keepsFiles() throws IOException {
    GuestFiles files = guest.files();
    String base = folder.resolve("files").toString();
    FileInfo written = files.writeSmall(base + "/a/b.txt", bytes("hello"), 0);
    assertEquals(5, written.size());
    assertEquals(0644, written.mode());
    assertEquals("hello", text(files.readSmall(base + "/a/b.txt", 100).bytes()));
    assertCode("TOO_LARGE", () -> files.readSmall(base + "/a/b.txt", 4));
    files.changeMode(base + "/a/b.txt", 0600);
    assertEquals(0600, files.writeSmall(base + "/a/b.txt", bytes("again"), 0).mode());
    files.makeDirectory(base + "/d/e", true, 0);
    files.copy(base + "/a", base + "/d/e/copy", false);
    assertCode("ALREADY_EXISTS", () -> files.move(base + "/a", base + "/d/e/copy", false));
    files.move(base + "/a/b.txt", base + "/moved", false);
    DirectoryListing listing = files.list(base, 32, 0);
    assertEquals(
        List.of("/a", "/d", "/d/e", "/d/e/copy", "/d/e/copy/b.txt", "/moved"),
        listing.entries().stream().map(e -> e.path().substring(base.length())).toList());
    assertTrue(files.list(base, 1, 2).cut());
    assertCode("NOT_EMPTY", () -> files.remove(base + "/d", false));
    files.remove(base + "/d", true);
    assertCode("PATH_NOT_FOUND", () -> files.stat(base + "/d", false));
    assertCode("NOT_A_FILE", () -> files.readSmall(base + "/a", 10));
    assertCode("INVALID_PATH", () -> files.stat(base + "/../x", false));
  }

  @Test
  void movesLargeFilesAsStreams() throws IOException {
    byte[] content = new byte[3 << 20];
    new Random(1).nextBytes(content);
    String path = folder.resolve("large").toString();
    try (GuestWriter writer = guest.files().write(path, 0, 0)) {
      writer.write(ByteBuffer.wrap(content));
      assertEquals(content.length, writer.commit().size());
    }
    try (GuestReader reader = guest.files().read(path, 1000, 0)) {
      assertEquals(content.length - 1000, reader.size());
      byte[] read = all(reader);
      assertEquals(content.length - 1000, read.length);
      assertEquals(content[1000], read[0]);
    }
    try (GuestWriter abandoned = guest.files().write(path, 0, 0)) {
      abandoned.write(ByteBuffer.wrap(new byte[10]));
    }
    assertArrayEquals(content, Files.readAllBytes(Path.of(path)));
    try (GuestWriter tooLong = guest.files().write(path, 0, 100)) {
      GuestException refused =
          assertThrows(
              GuestException.class,
              () -> {
                tooLong.write(ByteBuffer.wrap(content));
                tooLong.commit();
              });
      assertEquals("TOO_LARGE", refused.code());
    }
  }

  @Test
  void archivesATree() throws IOException {
    guest.files().writeSmall(folder + "/t/x/one", bytes("1"), 0);
    guest.files().writeSmall(folder + "/t/two", bytes("2"), 0);
    try (GuestArchive archive = guest.files().archive(List.of(folder + "/t"))) {
      byte[] packed = all(archive);
      byte[] plain = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
      String names = new String(plain, UTF_8);
      assertTrue(names.contains("t/x/one") && names.contains("t/two"));
    }
    for (String format : GuestFiles.ARCHIVES) {
      try (GuestArchive archive = guest.files().archive(List.of(folder + "/t"), format)) {
        int first = all(archive)[0];
        assertEquals(
            switch (format) {
              case "zip" -> 'P';
              case "tar" -> 't';
              default -> 0x1f;
            },
            first,
            format);
      }
    }
    assertCode("PATH_NOT_FOUND", () -> guest.files().archive(List.of(folder + "/none")));
    assertCode("INVALID_REQUEST", () -> guest.files().archive(List.of(folder + "/t"), "rar"));
  }

  @Test
  void watchesATree() throws IOException {
    guest.files().makeDirectory(folder + "/w", false, 0);
    try (GuestStream watch = guest.files().watch(folder + "/w", true, false, "").changes()) {
      guest.files().writeSmall(folder + "/w/new", bytes("x"), 0);
      guest.files().move(folder + "/w/new", folder + "/w/newer", false);
      guest.files().remove(folder + "/w/newer", false);
      assertTrue(line(watch).contains("\"created\""));
      assertTrue(line(watch).contains("\"renamed\""));
      assertTrue(line(watch).contains("\"deleted\""));
    }
  }

  @Test
  void goesOnWithAWatchAfterAChange() throws IOException {
    String path = folder + "/w";
    guest.files().makeDirectory(path, false, 0);
    GuestWatch first = guest.files().watch(path, true, false, "");
    assertTrue(GuestWatch.isCursor(first.cursor()) && !first.lost());
    first.changes().close();
    guest.files().writeSmall(path + "/missed", bytes("x"), 0);
    GuestWatch again = guest.files().watch(path, true, false, first.cursor());
    try (GuestStream changes = again.changes()) {
      assertEquals(first.cursor(), again.cursor());
      assertFalse(again.lost());
      assertTrue(line(changes).contains("/missed"));
    }
    GuestWatch other = guest.files().watch(path, false, false, first.cursor());
    assertTrue(other.lost());
    other.changes().close();
  }

  @Test
  void aWatchWithoutCursorsSaysThatChangesWereLost() throws IOException {
    try (SocketChannel nowhere = SocketChannel.open()) {
      GuestStream none = new GuestStream(nowhere, ByteBuffer.allocate(0), null);
      ObjectNode answer = Connection.JSON.createObjectNode().put("ok", true);
      String known = "0123456789abcdef:1";
      assertTrue(GuestWatch.of(answer, known, none).lost());
      assertFalse(GuestWatch.of(answer, "", none).lost());
      assertEquals("", GuestWatch.of(answer.put("cursor", "x\nevent: y"), "", none).cursor());
    }
  }

  @Test
  void reachesAPortOnLoopback() throws IOException {
    try (ServerSocket server =
        new ServerSocket(0, 5, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      int port = server.getLocalPort();
      Thread echo =
          Thread.startVirtualThread(() -> {
            try (Socket client = server.accept()) {
              client.getInputStream().transferTo(client.getOutputStream());
            } catch (IOException closed) {
              return;
            }
          });
      assertTrue(
          guest.ports().stream().anyMatch(each -> each.port() == port && each.loopbackOnly()));
      try (GuestStream stream = guest.forward(port)) {
        stream.write(ByteBuffer.wrap(bytes("ping")));
        stream.shutdownOutput();
        assertEquals("ping", text(all(stream)));
      }
      assertNotNull(echo);
    }
    assertCode("REFUSED", () -> guest.forward(1));
  }

  @Test
  void doesNotWaitForAGuestThatIsSilent() throws Exception {
    agent.freeze();
    assertCode(GuestException.DEADLINE, () -> guest.ping(Duration.ofMillis(100)));
  }

  @Test
  void saysThatNobodyIsThere() {
    GuestClient nobody = new GuestClient(folder.resolve("none.sock"));
    assertCode(GuestException.UNREACHABLE, () -> nobody.ping(Duration.ofSeconds(1)));
  }

  private static Command shell(String line) {
    return Command.shell(line).in("/");
  }

  private static void assertCode(String code, org.junit.jupiter.api.function.Executable call) {
    assertEquals(code, assertThrows(GuestException.class, call).code());
  }

  private static List<RecordFrames.Frame> frames(GuestStream stream) throws IOException {
    List<RecordFrames.Frame> frames = new ArrayList<>();
    try (RecordFrames reader = new RecordFrames(stream)) {
      for (RecordFrames.Frame frame = reader.next(); frame != null; frame = reader.next()) {
        frames.add(frame);
      }
    }
    return frames;
  }

  private static byte[] all(ReadableByteChannel channel) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Channels.newInputStream(channel).transferTo(bytes);
    return bytes.toByteArray();
  }

  private static String line(GuestStream stream) throws IOException {
    StringBuilder line = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (line.isEmpty() || line.charAt(line.length() - 1) != '\n') {
      if (stream.read(one.clear()) < 0) {
        throw new IOException("end");
      }
      line.append((char) one.get(0));
    }
    return line.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}

package com.atoll.node.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A guest that was taken over says what it likes; the host believes none of it. */
class HostileGuestTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String INFO =
      "{\"path\":\"/f\",\"type\":\"file\",\"size\":3,\"mode\":420,\"modified_unix_ms\":0,"
          + "\"uid\":0,\"gid\":0}";

  @TempDir Path folder;

  private ServerSocketChannel server;
  private GuestClient guest;

  @BeforeEach
  void start() throws IOException {
    Path socket = folder.resolve("guest.sock");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    guest = new GuestClient(socket);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void anAnswerWithoutEndIsCut() {
    answers("x".repeat(9 << 20));
    refused(() -> guest.ping(SOON));
  }

  @Test
  void anAnswerThatIsNoJsonIsRefused() {
    for (String line :
        new String[] {"{\"ok\":", "[]", "7", "", "{\"ok\":\"yes\"}", "{\"ok\":true}"}) {
      answers(line + "\n");
      refused(() -> guest.ping(SOON));
    }
  }

  @Test
  void anAnswerOfMoreThingsThanAnybodyHasIsRefused() {
    for (String many :
        new String[] {
          "[" + "{},".repeat(2_000_000) + "{}]",
          "[".repeat(100_000),
          "\"" + "x".repeat(1 << 20) + "\"",
          "1".repeat(1 << 20)
        }) {
      answers("{\"ok\":true,\"entries\":" + many + "}\n");
      refused(() -> guest.files().list("/", 1, 0));
    }
  }

  @Test
  void aConnectionThatBreaksIsUnreachable() {
    answers("{\"ok\":tr");
    assertCode(GuestException.UNREACHABLE, () -> guest.ping(SOON));
  }

  @Test
  void outputLongerThanAskedForIsRefused() {
    for (String size : new String[] {"11", "-1", "9999999999999999999", "1.5", "\"3\"", "null"}) {
      answers(runAnswer(size) + "x".repeat(100));
      refused(() -> guest.processes().run(Command.shell("true"), 10));
    }
  }

  @Test
  void outputShorterThanSaidIsUnreachable() {
    answers(runAnswer("9") + "xxx");
    assertCode(GuestException.UNREACHABLE, () -> guest.processes().run(Command.shell("true"), 10));
  }

  @Test
  void aRefusalsCodeIsACode() {
    answers("{\"ok\":false,\"code\":\"<script>\",\"message\":\"" + "m".repeat(5000) + "\"}\n");
    GuestException refusal = assertThrows(GuestException.class, () -> guest.ping(SOON));
    assertEquals(GuestException.PROTOCOL, refusal.code());
    assertEquals(1000, String.valueOf(refusal.getMessage()).length());
  }

  @Test
  void entriesFromElsewhereAreRefused() {
    for (String entries : new String[] {INFO, INFO.replace("/f", "/d/../f"), INFO + "," + INFO}) {
      answers("{\"ok\":true,\"cut\":false,\"entries\":[" + entries + "]}\n");
      refused(() -> guest.files().list("/d", 1, 1));
    }
  }

  @Test
  void fileInfosThatCannotBeAreRefused() {
    String[] infos = {
      INFO.replace("/f", "f"),
      INFO.replace("\"file\"", "\"hole\""),
      INFO.replace("420", "99999"),
      INFO.replace("420", "420,\"version\":\"1\\\"; x\""),
      INFO.replace("420", "420,\"version\":\"" + "1".repeat(81) + "\""),
      INFO.replace("\"size\":3", "\"size\":-3"),
      "null",
    };
    for (String info : infos) {
      answers("{\"ok\":true,\"info\":" + info + "}\n");
      refused(() -> guest.files().stat("/f", false));
    }
  }

  @Test
  void aFileLongerThanItsPartIsRefused() {
    answers("{\"ok\":true,\"size\":11,\"info\":" + INFO + "}\n");
    refused(() -> guest.files().read("/f", 0, 10));
  }

  @Test
  void aFileThatEndsEarlyIsAnError() throws IOException {
    answers("{\"ok\":true,\"size\":5,\"info\":" + INFO + "}\nabc");
    try (GuestReader reader = guest.files().read("/f", 0, 0)) {
      assertThrows(IOException.class, () -> Channels.newInputStream(reader).readAllBytes());
    }
  }

  @Test
  void aRecordWithoutBoundIsRefused() throws IOException {
    for (String head : new String[] {"\u00ff\u00ff\u00ff\u00ff\1", "\0\0\0\1\1", "\0\0\0\21\11"}) {
      answers("{\"ok\":true}\n" + head + "\0".repeat(40));
      try (RecordFrames frames = new RecordFrames(guest.processes().records(1, 0, false))) {
        refused(frames::next);
      }
    }
  }

  @Test
  void anArchivesChunksHaveABound() throws IOException {
    answers("{\"ok\":true}\n\177\0\0\0xxx");
    try (GuestArchive archive = guest.files().archive(java.util.List.of("/f"))) {
      refused(() -> archive.read(ByteBuffer.allocate(10)));
    }
    answers(
        "{\"ok\":true}\n\0\0\0\1x\u00ff\u00ff\u00ff\u00ff{\"ok\":false,\"code\":\"DISK_FULL\"}\n");
    try (GuestArchive archive = guest.files().archive(java.util.List.of("/f"))) {
      assertCode("DISK_FULL", () -> Channels.newInputStream(archive).readAllBytes());
    }
  }

  private static String runAnswer(String stdout) {
    return "{\"ok\":true,\"exit_code\":0,\"duration_micros\":1,\"pid\":2,\"stdout\":"
        + stdout
        + ",\"stderr\":0}\n";
  }

  /** Lets the next connection get exactly these bytes. */
  private void answers(String bytes) {
    ByteBuffer answer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
    Thread.startVirtualThread(() -> {
      try (SocketChannel host = server.accept()) {
        ByteBuffer header = ByteBuffer.allocate(64 << 10);
        while (header.position() == 0 || header.get(header.position() - 1) != '\n') {
          host.read(header);
        }
        while (answer.hasRemaining()) {
          host.write(answer);
        }
      } catch (IOException hostLeft) {
        return;
      }
    });
  }

  private static void refused(Executable call) {
    assertCode(GuestException.PROTOCOL, call);
  }

  private static void assertCode(String code, Executable call) {
    assertEquals(code, assertThrows(GuestException.class, call).code());
  }
}

package com.atoll.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class PeerCredentialsTest {
  @TempDir Path folder;

  @Test
  void namedUsersAreNumbers() throws Exception {
    assertEquals(0, peer(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {65_534, 1, 1_234_567})
  void everyUserIsItsNumber(int uid) throws Exception {
    assertEquals(uid, peer(uid));
  }

  private long peer(int uid) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path socket = folder.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      String connect = "IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; sleep 100";
      Process client =
          new ProcessBuilder(
                  "setpriv",
                  "--reuid=" + uid,
                  "--clear-groups",
                  "perl",
                  "-MIO::Socket::UNIX",
                  "-e",
                  connect,
                  socket.toString())
              .redirectErrorStream(true)
              .start();
      try (SocketChannel channel = server.accept()) {
        return PeerCredentials.of(channel).uid();
      } finally {
        client.destroy();
      }
    }
  }
}

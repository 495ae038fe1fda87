package com.atoll.server.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A way to the JVM's PostgreSQL that breaks once, when the database says that it has committed: the
 * connection of the server's pool to which it says so for the nth time, before that hears it.
 */
public final class BreakingDatabase implements AutoCloseable {
  /** What only a connection of the pool says, when it begins. */
  private static final String POOL = "transaction_timeout";

  private final Path folder;
  private final Path database;
  private final AtomicInteger left;
  private final ServerSocketChannel listener;

  /** Breaks at the nth commit. */
  public BreakingDatabase(int nth) throws IOException {
    left = new AtomicInteger(nth);
    database = TestPostgres.get().installation().run().resolve("pg/.s.PGSQL.5432");
    folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-pg");
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(folder.resolve(".s.PGSQL.5432")));
    Thread.ofVirtual().start(this::accept);
  }

  /** Where its socket is. */
  public Path folder() {
    return folder;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(database));
        AtomicBoolean pooled = new AtomicBoolean();
        Thread.ofVirtual()
            .start(() ->
                pass(
                    client,
                    server,
                    said -> {
                      if (said.contains(POOL)) {
                        pooled.set(true);
                      }
                      return false;
                    }));
        Thread.ofVirtual()
            .start(() ->
                pass(
                    server,
                    client,
                    said ->
                        pooled.get() && said.contains("COMMIT") && left.decrementAndGet() == 0));
      }
    } catch (IOException closed) {
      // Nobody is let in any more.
    }
  }

  private static void pass(SocketChannel from, SocketChannel to, Predicate<String> breaking) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    try (from;
        to) {
      while (from.read(bytes.clear()) >= 0) {
        bytes.flip();
        if (breaking.test(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString())) {
          return;
        }
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      }
    } catch (IOException broken) {
      // The other side has hung up.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(folder.resolve(".s.PGSQL.5432"));
    Files.delete(folder);
  }
}

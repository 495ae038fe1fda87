package com.atoll.edge.routes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One connection to the server's feed: a JSON object a line, both ways. */
final class FeedConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FeedConnection.class);

  /** A snapshot is one line too, so it may be longer than any other message. */
  private static final int LONGEST_LINE = 64 << 20;

  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();

  private FeedConnection(SocketChannel channel) {
    this.channel = channel;
  }

  static FeedConnection open(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new FeedConnection(channel);
    } catch (IOException refused) {
      channel.close();
      throw refused;
    }
  }

  /** The next message, or null at the end. */
  @Nullable JsonNode receive() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next == '\n') {
          return RouteJson.JSON.readTree(line.toByteArray());
        }
        line.write(next);
      }
      if (line.size() > LONGEST_LINE) {
        throw new IOException("a line of the feed is too long");
      }
      buffer.clear();
      int read = channel.read(buffer);
      buffer.flip();
      if (read < 0) {
        return null;
      }
    }
  }

  /** Sends; a broken connection is noticed by the reader. */
  synchronized void send(ObjectNode message) {
    ByteBuffer bytes =
        ByteBuffer.wrap((message.toString() + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException broken) {
      log.debug("the feed does not take {}", message.path("type"), broken);
      close();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      log.debug("closing the feed", alreadyGone);
    }
  }
}

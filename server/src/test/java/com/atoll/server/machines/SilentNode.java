package com.atoll.server.machines;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Greets one client as gRPC does and never answers; the test decides how far it reads. */
final class SilentNode implements AutoCloseable {
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final int PREFACE = 24;
  private static final int DATA = 0;

  private final ServerSocketChannel listener;
  private @Nullable SocketChannel client;

  SilentNode(Path socket) throws IOException {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
  }

  /** Lets one client in: from now on it holds this node to be there. */
  void accept() {
    try {
      client = listener.accept();
      connection().write(ByteBuffer.wrap(SETTINGS));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Reads until the body of a request is there. */
  void awaitRequest() throws IOException {
    DataInputStream in = new DataInputStream(Channels.newInputStream(connection()));
    in.readNBytes(PREFACE);
    int type;
    do {
      int header = in.readInt();
      type = header & 0xff;
      // Flags and stream, then what the frame holds.
      in.readNBytes(5 + (header >>> 8));
    } while (type != DATA);
  }

  /** Breaks the connection in a way that the client meets only when it writes. */
  void stopReading() throws IOException {
    connection().shutdownInput();
  }

  /** Ends the connection, as the end of the process does. */
  void hangUp() throws IOException {
    connection().close();
  }

  private SocketChannel connection() {
    SocketChannel open = client;
    if (open == null) {
      throw new IllegalStateException("nobody is connected");
    }
    return open;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (client != null) {
      client.close();
    }
  }
}

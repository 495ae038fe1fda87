package com.atoll.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A Unix socket in the shape of {@link Socket}, as far as the PostgreSQL driver uses that. */
final class UnixSocket extends Socket {
  private final UnixDomainSocketAddress address;
  private final SocketChannel channel;
  private int timeout;

  UnixSocket(String path) throws IOException {
    address = UnixDomainSocketAddress.of(path);
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
  }

  @Override
  public void connect(SocketAddress ignored, int timeout) throws IOException {
    channel.connect(address);
  }

  @Override
  public void connect(SocketAddress ignored) throws IOException {
    channel.connect(address);
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public void setSoTimeout(int millis) {
    timeout = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeout;
  }

  /** Waits for bytes, no longer than the timeout. The channel blocks again afterwards. */
  private void awaitBytes() throws IOException {
    channel.configureBlocking(false);
    try {
      try (Selector selector = Selector.open()) {
        var _ = channel.register(selector, SelectionKey.OP_READ);
        if (selector.select(timeout) == 0) {
          throw new SocketTimeoutException("nothing came within " + timeout + " ms");
        }
      }
    } finally {
      if (channel.isOpen()) {
        channel.configureBlocking(true);
      }
    }
  }

  @Override
  public void setReceiveBufferSize(int size) {}

  @Override
  public void setSendBufferSize(int size) {}

  @Override
  public int getSendBufferSize() {
    return 65_536;
  }

  @Override
  public int getReceiveBufferSize() {
    return 65_536;
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return address;
  }

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (timeout > 0) {
          awaitBytes();
        }
        return channel.read(ByteBuffer.wrap(into, offset, length));
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(from, offset, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}

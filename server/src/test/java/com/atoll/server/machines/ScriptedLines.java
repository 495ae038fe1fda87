package com.atoll.server.machines;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The other end of a call socket, {@code proto/calls.md}, that says what a test wants it to. */
final class ScriptedLines implements AutoCloseable {
  private final Path path;
  private final ServerSocketChannel listener;

  ScriptedLines(Path path) throws IOException {
    this.path = path;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
  }

  /** Waits for the next connection. */
  Line accept() {
    try {
      return new Line(listener.accept());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
  }

  /** One connection. */
  static final class Line implements AutoCloseable {
    private final SocketChannel channel;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Line(SocketChannel channel) {
      this.channel = channel;
      in = new DataInputStream(Channels.newInputStream(channel));
      out = new DataOutputStream(Channels.newOutputStream(channel));
    }

    /** Reads a request and says which method it names. */
    String request() {
      try {
        byte[] frame = in.readNBytes(in.readInt());
        return new String(Arrays.copyOfRange(frame, 1, 1 + frame[0]), StandardCharsets.US_ASCII);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void reply(byte[] message) throws IOException {
      out.writeInt(1 + message.length);
      out.writeByte(0);
      out.write(message);
    }

    void refuse(int status, String code, String sentence) throws IOException {
      out.writeInt(5 + code.length() + sentence.length());
      out.writeByte(status);
      out.writeShort(code.length());
      out.writeBytes(code);
      out.writeShort(sentence.length());
      out.writeBytes(sentence);
    }

    /** Sends bytes in one piece: a reader who has seen enough of them may hang up. */
    void raw(int... bytes) throws IOException {
      byte[] piece = new byte[bytes.length];
      for (int at = 0; at < bytes.length; at++) {
        piece[at] = (byte) bytes[at];
      }
      out.write(piece);
    }

    /** Whether the caller has hung up; one who left bytes unread is heard of as a reset. */
    boolean isOver() throws IOException {
      try {
        return in.read() < 0;
      } catch (SocketException reset) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}

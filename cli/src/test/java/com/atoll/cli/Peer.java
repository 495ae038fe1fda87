package com.atoll.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The other side of a WebSocket, frame by frame. */
public final class Peer implements AutoCloseable {
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  private final Socket socket;
  private final String head;
  private final DataInputStream in;
  private final OutputStream out;

  private Peer(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
    this.head = head(in);
  }

  /** The next that connects and asks for a WebSocket. */
  public static Peer accept(ServerSocket listener) throws IOException {
    Peer peer = new Peer(listener.accept());
    String key = peer.head.replaceAll("(?si).*sec-websocket-key: (\\S+).*", "$1");
    peer.out.write(
        bytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accepted(key)
                + "\r\n\r\n"));
    return peer;
  }

  private static String accepted(String key) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha.digest(bytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The head of a request, with its empty line. */
  static String head(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readByte());
    }
    return head.toString();
  }

  String head() {
    return head;
  }

  /** Sends a frame. */
  public void frame(int opcode, byte[] data) throws IOException {
    out.write(0x80 | opcode);
    out.write(data.length);
    out.write(data);
    out.flush();
  }

  /** Reads one masked frame, of a long one no more than the beginning; answers its opcode. */
  public int read() throws IOException {
    int opcode = in.readByte() & 0xf;
    in.readNBytes(4 + (in.readByte() & 0x7f));
    return opcode;
  }

  /** Reads on to the next short frame with this opcode; answers what is in it. */
  public String read(int opcode) throws IOException {
    while (true) {
      int found = in.readByte() & 0xf;
      int length = in.readByte() & 0x7f;
      byte[] mask = in.readNBytes(4);
      byte[] data = in.readNBytes(length);
      for (int i = 0; i < data.length; i++) {
        data[i] ^= mask[i % mask.length];
      }
      if (found == opcode) {
        return new String(data, StandardCharsets.UTF_8);
      }
    }
  }

  /** Ends its own direction without a word. */
  public void end() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads until the other side has closed. */
  public void drain() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

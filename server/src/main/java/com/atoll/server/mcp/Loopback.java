package com.atoll.server.mcp;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Asks this server itself, over its own socket and with the caller's credential: so a tool meets
 * every check that its operation has, and no second way around them exists.
 */
final class Loopback {
  private static final int LARGEST = 8 << 20;

  private final Path socket;

  Loopback(Path socket) {
    this.socket = socket;
  }

  /** An answer: its status, the type of its body and the body. */
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(int status, String contentType, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  Answer ask(String method, String target, Map<String, String> headers, byte[] body) {
    // In HTTP/1.0 the answer comes as it is and ends with the connection.
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.0\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      write(channel, head.toString().getBytes(StandardCharsets.ISO_8859_1));
      write(channel, body);
      return read(Channels.newInputStream(channel));
    } catch (IOException e) {
      throw AtollException.causedBy(e, ErrorCode.INTERNAL_ERROR);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  private static Answer read(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[16_384];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (all.size() + n > LARGEST) {
        throw AtollException.of(ErrorCode.TOO_LARGE, LARGEST);
      }
      all.write(buffer, 0, n);
    }
    byte[] bytes = all.toByteArray();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    String[] lines = text.substring(0, Math.max(end, 0)).split("\r\n", -1);
    String[] first = lines[0].split(" ", 3);
    if (end < 0 || first.length < 2) {
      throw new IOException("no answer of HTTP");
    }
    String type = "";
    for (String line : lines) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-type:")) {
        type = line.substring("content-type:".length()).strip();
      }
    }
    return new Answer(
        Integer.parseInt(first[1]), type, Arrays.copyOfRange(bytes, end + 4, bytes.length));
  }
}

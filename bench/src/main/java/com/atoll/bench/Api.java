package com.atoll.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A caller of the public API with kept connections and real authentication. Plain blocking sockets:
 * what is measured is the platform, not a client library.
 */
final class Api {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int TIMEOUT_MS = 120_000;

  /** What makes something, and where that is deleted. */
  private static final Map<String, String> MAKES =
      Map.of(
          "/sandboxes|/.*/fork|/.*/restore/.*", "/sandboxes/",
          "/.*/snapshots", "/snapshots/",
          "/volumes", "/volumes/",
          "/webhooks", "/webhooks/");

  /** Less than the gateway keeps an idle connection, so that no POST is sent into one that ends. */
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final URI base;
  private final String key;
  private final @Nullable Path socket;
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final ConcurrentLinkedDeque<String> made = new ConcurrentLinkedDeque<>();

  Api(String base, String key) {
    this(base, key, null);
  }

  /** At the socket of a server when there is one, else at the address of the base. */
  Api(String base, String key, @Nullable Path socket) {
    this.base = URI.create(base);
    this.key = key;
    this.socket = socket;
  }

  JsonNode post(String path, Map<String, ?> body) throws IOException {
    Stop.check();
    JsonNode answer = JSON.readTree(send("POST", path, JSON.writeValueAsBytes(body)));
    for (Map.Entry<String, String> makes : MAKES.entrySet()) {
      if (path.matches(makes.getKey())) {
        made.push(makes.getValue() + answer.path("id").asString());
      }
    }
    return answer;
  }

  JsonNode patch(String path, Map<String, ?> body) throws IOException {
    Stop.check();
    return JSON.readTree(send("PATCH", path, JSON.writeValueAsBytes(body)));
  }

  JsonNode get(String path) throws IOException {
    Stop.check();
    return JSON.readTree(send("GET", path, new byte[0]));
  }

  byte[] bytes(String path) throws IOException {
    Stop.check();
    return send("GET", path, new byte[0]);
  }

  /** Reads an answer to its end and keeps nothing of it; how many bytes it had. */
  long drain(String method, String path, Map<String, ?> body) throws IOException {
    Connection connection = new Connection();
    byte[] bytes = body.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(body);
    connection.write(method, base.getPath() + path, bytes);
    try (InputStream _ = connection.in) {
      if (connection.head() / 100 != 2) {
        throw new IOException(method + " " + path + " -> " + connection.status);
      }
      return connection.drain();
    }
  }

  /** Sends so many bytes as the body of a POST. */
  void upload(String path, long size) throws IOException {
    Connection connection = new Connection();
    try (InputStream _ = connection.in) {
      connection.begin("POST", base.getPath() + path, "application/octet-stream", size);
      byte[] piece = new byte[256 << 10];
      for (long sent = 0; sent < size; sent += piece.length) {
        connection.out.write(piece, 0, (int) Math.min(piece.length, size - sent));
      }
      byte[] answer = connection.read();
      if (connection.status / 100 != 2) {
        throw new IOException(new String(answer, StandardCharsets.UTF_8));
      }
    }
  }

  void delete(String path) throws IOException {
    send("DELETE", path, new byte[0]);
    made.remove(path);
  }

  /** Deletes what was made and not deleted, the newest first, and says what cannot be. */
  void removeLeft() {
    for (String path : made) {
      try {
        delete(path);
      } catch (IOException refused) {
        System.err.println("atoll bench: left behind: " + refused.getMessage());
      }
    }
  }

  /** A stream of server-sent events; its head is read. */
  EventStream events(String path) throws IOException {
    Connection connection = new Connection();
    connection.write("GET", base.getPath() + path, new byte[0]);
    if (connection.head() != 200) {
      throw new IOException("GET " + path + " -> " + connection.status);
    }
    return new EventStream(connection);
  }

  /** Events as they come. */
  static final class EventStream implements AutoCloseable {
    private final Connection connection;

    private EventStream(Connection connection) {
      this.connection = connection;
    }

    /** The data of the next event. */
    JsonNode next() throws IOException {
      while (true) {
        String line = connection.line();
        if (line.startsWith("data:")) {
          return JSON.readTree(line.substring(5));
        }
      }
    }

    @Override
    public void close() throws IOException {
      connection.in.close();
    }
  }

  private byte[] send(String method, String path, byte[] body) throws IOException {
    Connection connection = take();
    byte[] answer;
    try {
      connection.write(method, base.getPath() + path, body);
      answer = connection.read();
    } catch (IOException closed) {
      // A connection that lay idle for long may have ended; what changes nothing is asked again.
      if (method.equals("POST")) {
        throw closed;
      }
      connection = new Connection();
      connection.write(method, base.getPath() + path, body);
      answer = connection.read();
    }
    connection.idleSince = System.nanoTime();
    synchronized (idle) {
      idle.push(connection);
    }
    if (connection.status / 100 != 2) {
      throw new IOException(
          method
              + " "
              + path
              + " -> "
              + connection.status
              + " "
              + new String(answer, StandardCharsets.UTF_8));
    }
    return answer;
  }

  private Connection take() throws IOException {
    while (true) {
      Connection kept;
      synchronized (idle) {
        kept = idle.poll();
      }
      if (kept == null) {
        return new Connection();
      }
      if (System.nanoTime() - kept.idleSince < KEPT_NANOS) {
        return kept;
      }
      kept.in.close();
    }
  }

  /** One kept connection. */
  private final class Connection {
    private final OutputStream out;
    private final InputStream in;
    private int status;
    private long length;
    private boolean chunked;
    private long idleSince;

    Connection() throws IOException {
      if (Api.this.socket != null) {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(Api.this.socket));
        out = Channels.newOutputStream(channel);
        in = new BufferedInputStream(Channels.newInputStream(channel), 64 << 10);
        return;
      }
      // Names below localhost are this machine, whether or not its resolver knows them.
      Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), base.getPort());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      out = socket.getOutputStream();
      in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    }

    void write(String method, String path, byte[] body) throws IOException {
      byte[] head = header(method, path, "application/json", body.length);
      byte[] whole = new byte[head.length + body.length];
      System.arraycopy(head, 0, whole, 0, head.length);
      System.arraycopy(body, 0, whole, head.length, body.length);
      out.write(whole);
    }

    void begin(String method, String path, String type, long size) throws IOException {
      out.write(header(method, path, type, size));
    }

    private byte[] header(String method, String path, String type, long size) {
      return (method
              + " "
              + path
              + " HTTP/1.1\r\nHost: "
              + base.getAuthority()
              + "\r\nAuthorization: Bearer "
              + key
              + "\r\nContent-Type: "
              + type
              + "\r\nContent-Length: "
              + size
              + "\r\n\r\n")
          .getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] read() throws IOException {
      head();
      if (status == 204) {
        return new byte[0];
      }
      return chunked ? chunks() : exactly((int) length);
    }

    /** Reads the head of an answer. */
    int head() throws IOException {
      status = Integer.parseInt(line().substring(9, 12));
      length = 0;
      chunked = false;
      for (String line = line(); !line.isEmpty(); line = line()) {
        String header = line.toLowerCase(Locale.ROOT);
        if (header.startsWith("content-length:")) {
          length = Long.parseLong(header.substring(15).strip());
        }
        chunked |= header.startsWith("transfer-encoding:") && header.contains("chunked");
      }
      return status;
    }

    private long drain() throws IOException {
      if (!chunked) {
        in.skipNBytes(length);
        return length;
      }
      long all = 0;
      while (true) {
        int size = HexFormat.fromHexDigits(line());
        in.skipNBytes(size);
        line();
        all += size;
        if (size == 0) {
          return all;
        }
      }
    }

    private byte[] chunks() throws IOException {
      java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
      while (true) {
        int size = HexFormat.fromHexDigits(line());
        all.writeBytes(exactly(size));
        line();
        if (size == 0) {
          return all.toByteArray();
        }
      }
    }

    private byte[] exactly(int length) throws IOException {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("the answer is cut off");
      }
      return bytes;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException("the connection was closed");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }
  }
}

package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Asks a browser inside a sandbox for the name of its socket. What it says is hostile. */
final class BrowserSocket {
  private static final Logger LOG = LoggerFactory.getLogger(BrowserSocket.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_ANSWER = 64 << 10;
  private static final int LONGEST_LINE = 4_096;
  private static final int MOST_HEADERS = 50;
  private static final long PATIENCE_MS = 5_000;
  private static final String QUESTION =
      "GET /json/version HTTP/1.1\r\nHost: localhost:"
          + BrowserApi.PORT
          + "\r\nConnection: close\r\n\r\n";

  private final NodeClient node;

  BrowserSocket(NodeClient node) {
    this.node = node;
  }

  /** The path of the socket; empty when no browser listens. */
  String path(String sandboxId) {
    ForwardRequest wish =
        ForwardRequest.newBuilder().setWorkloadId(sandboxId).setPort(BrowserApi.PORT).build();
    Executor late = CompletableFuture.delayedExecutor(PATIENCE_MS, TimeUnit.MILLISECONDS);
    try (NodeStream stream = node.redeem(node.ports().openForward(wish))) {
      CompletableFuture<Void> end = CompletableFuture.runAsync(stream::close, late);
      stream.output().write(QUESTION.getBytes(StandardCharsets.US_ASCII));
      byte[] body = body(stream);
      end.cancel(false);
      return socket(body);
    } catch (IOException | AtollException | JacksonException | IllegalArgumentException none) {
      LOG.debug("No browser listens in {}: {}", sandboxId, none.getMessage());
      return "";
    }
  }

  /** The body of the answer. The browser keeps the connection, whatever it is asked for. */
  private static byte[] body(NodeStream stream) throws IOException {
    if (!line(stream).startsWith("HTTP/1.1 200 ")) {
      throw new IOException("it refuses");
    }
    int length = 0;
    int lines = 0;
    String header = line(stream);
    while (!header.isEmpty()) {
      String[] parts = header.split(":", 2);
      if (parts[0].equalsIgnoreCase("content-length") && parts.length == 2) {
        length = Integer.parseInt(parts[1].strip());
      }
      if (++lines > MOST_HEADERS || length < 0 || length > LONGEST_ANSWER) {
        throw new IOException("it says too much");
      }
      header = line(stream);
    }
    return stream.input().readNBytes(length);
  }

  private static String line(NodeStream stream) throws IOException {
    return stream.readLine(LONGEST_LINE).orElseThrow(EOFException::new).stripTrailing();
  }

  private static String socket(byte[] body) {
    String url = JSON.readTree(body).path("webSocketDebuggerUrl").asString("");
    String path = url.isEmpty() ? "" : URI.create(url).getRawPath();
    return path != null && path.matches("/devtools/browser/[A-Za-z0-9-]{1,64}") ? path : "";
  }
}

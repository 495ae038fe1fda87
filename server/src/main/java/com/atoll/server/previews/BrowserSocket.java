package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
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
    try (NodeStream stream = node.redeem(node.openForward(wish))) {
      CompletableFuture<Void> end = CompletableFuture.runAsync(stream::close, late);
      stream.output().write(QUESTION.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(stream.input().readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
      end.cancel(false);
      return socket(answer);
    } catch (IOException | AtollException | JacksonException | IllegalArgumentException none) {
      LOG.debug("No browser listens in {}: {}", sandboxId, none.getMessage());
      return "";
    }
  }

  static String socket(String answer) {
    int body = answer.indexOf("\r\n\r\n");
    if (!answer.startsWith("HTTP/1.1 200 ") || body < 0) {
      return "";
    }
    String url = JSON.readTree(answer.substring(body)).path("webSocketDebuggerUrl").asString("");
    String path = url.isEmpty() ? "" : URI.create(url).getRawPath();
    return path != null && path.matches("/devtools/browser/[A-Za-z0-9-]{1,64}") ? path : "";
  }
}

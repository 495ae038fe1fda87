package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.http.WebSocket;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.sandboxes.Sandboxes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one TCP connection to a port inside over a WebSocket. */
final class TunnelApi {
  private static final Logger LOG = LoggerFactory.getLogger(TunnelApi.class);
  private static final String PROTOCOL = "miosa-tunnel-v1";
  private static final int NORMAL = 1000;
  private static final int BUFFER = 64 << 10;

  private final Sandboxes sandboxes;
  private final NodeClient node;

  TunnelApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        ProcessesApi.declare(
                Operation.get("/sandboxes/:id/tunnel/:port"),
                "tunnel",
                "A TCP connection to a port over WebSocket: binary frames both ways.")
            .id("sandboxes.tunnel")
            .webSocket()
            .run(this::tunnel));
  }

  private void tunnel(Call call) {
    int port = port(call.rawPath("port"));
    Ticket ticket =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.openForward(
                    ForwardRequest.newBuilder().setWorkloadId(sandbox.id()).setPort(port).build()));
    call.webSocket(List.of(PROTOCOL), socket -> talk(socket, ticket));
  }

  private void talk(WebSocket socket, Ticket ticket) throws Exception {
    try (NodeStream stream = node.redeem(ticket)) {
      Thread back = Thread.ofVirtual().start(() -> receive(stream, socket));
      WebSocket.Message message = socket.receive();
      while (message != null) {
        switch (message) {
          case WebSocket.Binary binary -> stream.output().write(binary.bytes());
          case WebSocket.Text text ->
              stream.output().write(text.text().getBytes(StandardCharsets.UTF_8));
        }
        message = socket.receive();
      }
      back.interrupt();
    }
  }

  private static void receive(NodeStream stream, WebSocket socket) {
    try (InputStream in = stream.input()) {
      byte[] buffer = new byte[BUFFER];
      int count = in.read(buffer);
      while (count >= 0) {
        socket.send(ByteBuffer.wrap(buffer, 0, count));
        count = in.read(buffer);
      }
    } catch (IOException | RuntimeException gone) {
      LOG.debug("A tunnel ended: {}", gone.getMessage());
    } finally {
      socket.close(NORMAL, "closed");
    }
  }

  private static int port(String text) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_535) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "port");
    }
    return port;
  }
}

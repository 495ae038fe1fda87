package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;

/** Carries one TCP connection to a port inside over a WebSocket. */
final class TunnelApi {
  private static final String PROTOCOL = "miosa-tunnel-v1";

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
                node.ports()
                    .openForward(
                        ForwardRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setPort(port)
                            .build()));
    call.webSocket(List.of(PROTOCOL), new ByteTalk(node, ticket));
  }

  private static int port(String text) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_535) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "port");
    }
    return port;
  }
}

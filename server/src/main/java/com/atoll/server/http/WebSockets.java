package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.jspecify.annotations.Nullable;

/** Upgrades connections to WebSocket. */
final class WebSockets {
  private static final int LARGEST_MESSAGE = 4 << 20;

  private final ServerWebSocketContainer container;

  WebSockets(Server server) {
    container = ServerWebSocketContainer.ensure(server);
    container.setMaxTextMessageSize(LARGEST_MESSAGE);
    container.setMaxBinaryMessageSize(LARGEST_MESSAGE);
    container.setIdleTimeout(Duration.ZERO);
  }

  void accept(
      Request request,
      Response response,
      Callback callback,
      List<String> subprotocols,
      WebSocketTalk talk) {
    boolean upgraded =
        container.upgrade(
            (asked, answer, done) -> socket(asked, answer, subprotocols, talk),
            request,
            response,
            callback);
    if (!upgraded) {
      response.getHeaders().put("Upgrade", "websocket");
      throw AtollException.of(ErrorCode.UPGRADE_REQUIRED);
    }
  }

  private static JettyWebSocket socket(
      ServerUpgradeRequest asked,
      ServerUpgradeResponse answer,
      List<String> subprotocols,
      WebSocketTalk talk) {
    @Nullable String chosen = null;
    for (String offered : asked.getSubProtocols()) {
      // Browsers cannot send headers: they offer the credential as a subprotocol beside the real
      // one.
      if (chosen == null && (subprotocols.contains(offered) || offered.startsWith("bearer."))) {
        chosen = offered;
      }
    }
    if (chosen != null) {
      answer.setAcceptedSubProtocol(chosen);
    }
    return new JettyWebSocket(talk, chosen);
  }
}

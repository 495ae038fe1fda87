package com.atoll.server.commands;

import com.atoll.node.v1.Ticket;
import com.atoll.server.http.WebSocket;
import com.atoll.server.http.WebSocketTalk;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a byte stream over a WebSocket: binary frames both ways; text is taken as UTF-8. */
public final class ByteTalk implements WebSocketTalk {
  private static final Logger LOG = LoggerFactory.getLogger(ByteTalk.class);
  private static final int NORMAL = 1000;
  private static final int BUFFER = 64 << 10;

  private final NodeClient node;
  private final Ticket ticket;

  /** Carries the stream of this ticket. */
  public ByteTalk(NodeClient node, Ticket ticket) {
    this.node = node;
    this.ticket = ticket;
  }

  @Override
  public void talk(WebSocket socket) throws Exception {
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
}

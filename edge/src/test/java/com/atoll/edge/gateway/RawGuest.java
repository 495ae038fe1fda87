package com.atoll.edge.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that does with each connection exactly what a test says. */
final class RawGuest implements AutoCloseable {
  /** What happens on one connection. */
  interface Conversation {
    void hold(InputStream in, OutputStream out, int number)
        throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  final AtomicInteger connections = new AtomicInteger();

  RawGuest(String address, Conversation conversation) throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getByName(address));
    Thread.ofVirtual()
        .start(() -> {
          while (true) {
            try {
              Socket client = listener.accept();
              int number = connections.incrementAndGet();
              Thread.ofVirtual()
                  .start(() -> {
                    try (client) {
                      conversation.hold(client.getInputStream(), client.getOutputStream(), number);
                    } catch (IOException | InterruptedException ended) {
                      return;
                    }
                  });
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  /**
   * Upgrades whoever wants it, and says again what he says; others get an answer without an end.
   */
  static RawGuest upgrading(String address) throws IOException {
    return new RawGuest(
        address,
        (in, out, number) -> {
          boolean upgrade = EdgeHarness.head(in).toLowerCase(Locale.ROOT).contains("upgrade:");
          out.write(
              (upgrade
                      ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
                      : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
          in.transferTo(out);
        });
  }

  int port() {
    return listener.getLocalPort();
  }

  String host(String slug) {
    return port() + "-" + slug + ".sandbox.localhost";
  }

  String route(String slug) {
    return route(slug, "");
  }

  String route(String slug, String extra) {
    return Guest.sandboxRoute(
        slug, "running", listener.getInetAddress().getHostAddress(), 1, extra);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

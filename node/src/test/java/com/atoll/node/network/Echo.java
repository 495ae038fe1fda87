package com.atoll.node.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Tells every caller its address, then repeats what it says. */
final class Echo implements AutoCloseable {
  private final ServerSocket server = new ServerSocket();

  /** Listens on all addresses of the namespace of the calling thread. */
  Echo(int port) throws IOException {
    server.bind(new InetSocketAddress(port));
    Thread.ofPlatform().daemon().start(this::serve);
  }

  int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (true) {
      try {
        Socket socket = server.accept();
        Thread.ofPlatform().daemon().start(() -> answer(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void answer(Socket socket) {
    try (socket) {
      String caller = socket.getInetAddress().getHostAddress() + "\n";
      socket.getOutputStream().write(caller.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException gone) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

package com.atoll.scenarios;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server somewhere on the internet: says what it was asked. Runs in a process of its own. */
public final class OutsideServer {
  private OutsideServer() {}

  /** Listens on ports 80, 8080 and, with this key store, 443. */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    raw(80);
    raw(443);
    serve(HttpServer.create(new InetSocketAddress(Outside.ADDRESS, 80), 0));
    serve(HttpServer.create(new InetSocketAddress(Outside.ADDRESS, 8080), 0));
    HttpsServer secure = HttpsServer.create(new InetSocketAddress(Outside.ADDRESS, 443), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(context(Path.of(arguments[0]))));
    serve(secure);
  }

  /** Greets whoever comes, and says again each line that he says. */
  private static void raw(int port) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.bind(new InetSocketAddress(Outside.RAW, port));
    Thread.ofVirtual()
        .start(() -> {
          while (true) {
            try {
              Socket guest = listener.accept();
              Thread.ofVirtual().start(() -> talk(guest));
            } catch (IOException failure) {
              throw new UncheckedIOException(failure);
            }
          }
        });
  }

  private static void talk(Socket guest) {
    try (guest;
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(guest.getInputStream(), StandardCharsets.ISO_8859_1))) {
      OutputStream out = guest.getOutputStream();
      out.write("220 raw\n".getBytes(StandardCharsets.ISO_8859_1));
      String line;
      while ((line = lines.readLine()) != null) {
        out.write(("raw " + line + "\n").getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void serve(HttpServer server) {
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", OutsideServer::answer);
    server.start();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("/to/")) {
      exchange.getResponseHeaders().set("Location", "http://" + path.substring(4) + "/");
      exchange.sendResponseHeaders(302, -1);
      exchange.close();
      return;
    }
    if (path.startsWith("/switch/")) {
      exchange.getResponseHeaders().set("Upgrade", path.substring(8));
      exchange.getResponseHeaders().set("Connection", "Upgrade");
      exchange.sendResponseHeaders(101, -1);
      exchange.close();
      return;
    }
    exchange.getResponseHeaders().set("Wishes", exchange.getRequestHeaders().get("Upgrade") + "");
    String said =
        "outside %s %s host=%s authorization=%s body=%d"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("Host"),
                exchange.getRequestHeaders().getFirst("Authorization"),
                body.length);
    byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  private static SSLContext context(Path store) throws IOException, GeneralSecurityException {
    char[] password = "outside".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, password);
    }
    // This one chooses the certificate by the name that the client asks for.
    KeyManagerFactory factory = KeyManagerFactory.getInstance("NewSunX509");
    factory.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }
}

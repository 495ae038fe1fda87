package com.atoll.edge.gateway;

import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A whole gateway on loopback ports of its own, with a feed, in a folder of its own. */
final class EdgeHarness implements AutoCloseable {
  final Path home;
  final Installation installation;
  FeedDouble feed;
  Gateway gateway;

  EdgeHarness() throws IOException, GeneralSecurityException {
    this(Limits.standard());
  }

  EdgeHarness(Limits limits) throws IOException, GeneralSecurityException {
    home = Files.createTempDirectory("edge-test");
    Path run = Files.createDirectories(home.resolve("run"));
    Files.createDirectories(home.resolve("releases"));
    installation =
        new Installation(
            "test",
            home,
            run,
            home,
            0,
            0,
            List.of("127.0.0.1"),
            "localhost",
            "http",
            0,
            0,
            0,
            0,
            "10.7.0.0/16",
            "127.0.0.1",
            0,
            1L,
            65_536L,
            1,
            null,
            0,
            List.of(),
            List.of(),
            0,
            false);
    feed = new FeedDouble(installation.feedSocket());
    gateway = new Gateway(installation, limits);
    gateway.start();
  }

  int port() {
    return gateway.httpPort();
  }

  Path release(String exportId) throws IOException {
    return Files.createDirectories(installation.exports().resolve(exportId));
  }

  /** A connection that speaks whatever the test wants. */
  Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(10_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 5_000);
    return socket;
  }

  /** Sends these bytes on a new connection and reads until it ends. */
  String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** A GET that ends its connection. */
  String get(String host, String path, String... headers) throws IOException {
    return exchange(
        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n"
            .formatted(
                path, host, headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n"));
  }

  static int status(String answer) {
    return Integer.parseInt(answer.substring(9, 12));
  }

  static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /** Reads up to and with the blank line that ends a head. */
  static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** What makes connections that trust this gateway and nobody else. */
  SSLContext trusting() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (InputStream pem = Files.newInputStream(home.resolve("edge/ca/ca.pem"))) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Override
  public void close() throws IOException {
    gateway.close(200);
    feed.close();
    try (var files = Files.walk(home)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}

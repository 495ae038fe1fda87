package com.atoll.server.checks;

import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Asks an address for its status. The address that was found harmless is the one that is dialed;
 * redirects are answers, not followed. Hosts of this installation are asked at its own gateway.
 */
final class Prober {
  private static final int LONGEST_LINE = 1024;

  private final Installation installation;

  Prober(Installation installation) {
    this.installation = installation;
  }

  /** The status that it answers with, within the time that the check gives it. */
  int ask(Check check) throws IOException {
    URI url = URI.create(check.url());
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    String host = String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(check.timeoutSec());
    InetSocketAddress target = target(host, url.getPort(), tls);
    try (Socket plain = new Socket()) {
      plain.connect(target, left(until));
      plain.setSoTimeout(left(until));
      try (Socket socket = tls ? secured(plain, host, target.getPort()) : plain) {
        socket.getOutputStream().write(request(check.method(), url));
        socket.getOutputStream().flush();
        return status(socket, until);
      }
    }
  }

  private InetSocketAddress target(String host, int port, boolean tls) throws IOException {
    int usual = tls ? 443 : 80;
    int asked = port < 0 ? usual : port;
    boolean own = host.endsWith("." + installation.domain());
    if (own && (asked == installation.httpPort() || asked == installation.tlsPort())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), asked);
    }
    return new InetSocketAddress(Addresses.require(host), asked);
  }

  private static Socket secured(Socket plain, String host, int port) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            ((SSLSocketFactory) SSLSocketFactory.getDefault())
                .createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static byte[] request(String method, URI url) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return (method
            + " "
            + path
            + query
            + " HTTP/1.1\r\nHost: "
            + url.getRawAuthority()
            + "\r\nUser-Agent: atoll-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Reads the status line, whatever follows. */
  private static int status(Socket socket, long until) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    while (line.length() < LONGEST_LINE) {
      socket.setSoTimeout(left(until));
      int next = in.read();
      if (next < 0 || next == '\n') {
        break;
      }
      line.append((char) next);
    }
    String[] words = line.toString().strip().split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/") || !words[1].matches("[1-5][0-9][0-9]")) {
      throw new IOException("the answer is not HTTP");
    }
    return Integer.parseInt(words[1]);
  }

  private static int left(long until) throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    if (left <= 0) {
      throw new IOException("no answer in time");
    }
    return (int) left;
  }
}

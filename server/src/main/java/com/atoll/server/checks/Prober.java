package com.atoll.server.checks;

import com.atoll.platform.Installation;
import com.atoll.platform.VerifiedTls;
import com.atoll.server.outbound.Outbound;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks an address for its status. The address that was found harmless is the one that is dialed;
 * redirects are answers, not followed. Hosts of this installation are asked at its own gateway.
 */
final class Prober implements AutoCloseable {
  private static final int LONGEST_LINE = 1024;

  private final Installation installation;
  private final Outbound outbound;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("check-watch").factory());

  Prober(Installation installation, Outbound outbound) {
    this.installation = installation;
    this.outbound = outbound;
  }

  /** The status that it answers with, within the time that the check gives it. */
  int ask(Check check) throws IOException {
    URI url = URI.create(check.url());
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    String host = String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(check.timeoutSec());
    InetSocketAddress target = target(host, url.getPort(), tls);
    try (Socket plain = new Socket()) {
      // A time-out of reads begins anew with every byte: who sends one now and then has none.
      ScheduledFuture<?> end =
          watch.schedule(() -> abandon(plain), left(until), TimeUnit.MILLISECONDS);
      try {
        plain.connect(target, left(until));
        Socket socket = tls ? VerifiedTls.over(plain, host, target.getPort()) : plain;
        socket.getOutputStream().write(request(check.method(), url));
        socket.getOutputStream().flush();
        return status(socket.getInputStream());
      } catch (IOException broken) {
        var _ = left(until);
        throw broken;
      } finally {
        end.cancel(false);
      }
    }
  }

  private static void abandon(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      return;
    }
  }

  private InetSocketAddress target(String host, int port, boolean tls) throws IOException {
    int usual = tls ? 443 : 80;
    int asked = port < 0 ? usual : port;
    boolean gateway = asked == installation.httpPort() || asked == installation.tlsPort();
    if (gateway && host.endsWith("." + installation.domain())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), asked);
    }
    // A customer's own domain may lead to this machine, where nothing else has those ports.
    return new InetSocketAddress(
        outbound.publicAddress(host, own -> gateway && isHere(own)), asked);
  }

  private static boolean isHere(InetAddress address) {
    try {
      return !address.isLoopbackAddress() && NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
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
  private static int status(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < LONGEST_LINE) {
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

  @Override
  public void close() {
    watch.shutdownNow();
  }
}

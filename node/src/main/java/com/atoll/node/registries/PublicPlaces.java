package com.atoll.node.registries;

import com.atoll.platform.AddressRules;
import com.atoll.platform.Installation;
import com.atoll.platform.VerifiedTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;

/**
 * Gets what lies where a registry sends us to: over TLS, and from public addresses only. A name is
 * looked up once, and what is dialed is the address that was looked at: a name that means another
 * one a moment later leads nowhere else.
 */
final class PublicPlaces {
  private static final int PATIENCE_MS = 30_000;
  private static final Duration HEAD = Duration.ofSeconds(60);
  private static final int TLS = 443;

  private final AddressRules rules;
  private final Resolver resolver;

  /** Looks names up. */
  @FunctionalInterface
  interface Resolver {
    /** All addresses of a name. */
    InetAddress[] resolve(String host) throws IOException;
  }

  PublicPlaces(AddressRules rules, Resolver resolver) {
    this.rules = rules;
    this.resolver = resolver;
  }

  /** What counts as public for the machine of an installation. */
  static PublicPlaces of(Installation installation) {
    List<String> denied = new ArrayList<>(installation.deniedRanges());
    denied.add(installation.addressPool());
    return new PublicPlaces(new AddressRules(denied, List.of()), InetAddress::getAllByName);
  }

  /** The answer to a GET; whoever gets it closes it. */
  HttpAnswer get(URI at, String kinds) throws IOException, RegistryException {
    InetAddress address = address(at);
    String host = at.getHost();
    int port = at.getPort() < 0 ? TLS : at.getPort();
    Socket plain = new Socket();
    // A head that comes byte by byte never waits long for one.
    try (var _ = BreakOff.after(HEAD, new CountDownLatch(1), plain)) {
      plain.connect(new InetSocketAddress(address, port), PATIENCE_MS);
      plain.setSoTimeout(PATIENCE_MS);
      SSLSocket socket = VerifiedTls.over(plain, host, port);
      socket.getOutputStream().write(request(at, kinds));
      return HttpAnswer.read(socket.getInputStream(), socket);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private InetAddress address(URI at) throws IOException, RegistryException {
    if (!"https".equals(at.getScheme()) || at.getHost() == null || at.getRawUserInfo() != null) {
      throw closed();
    }
    String host = at.getHost();
    InetAddress[] found =
        resolver.resolve(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    for (InetAddress address : found) {
      if (!rules.allows(address) || NetworkInterface.getByInetAddress(address) != null) {
        throw closed();
      }
    }
    if (found.length == 0) {
      throw closed();
    }
    return found[0];
  }

  private static RegistryException closed() {
    return new RegistryException("the registry sends us to a place that is not public");
  }

  private static byte[] request(URI at, String kinds) {
    String path = at.getRawPath() == null || at.getRawPath().isEmpty() ? "/" : at.getRawPath();
    String query = at.getRawQuery() == null ? "" : "?" + at.getRawQuery();
    return "GET %s%s HTTP/1.1\r\nHost: %s\r\nAccept: %s\r\nConnection: close\r\n\r\n"
        .formatted(path, query, at.getRawAuthority(), kinds)
        .getBytes(StandardCharsets.US_ASCII);
  }
}

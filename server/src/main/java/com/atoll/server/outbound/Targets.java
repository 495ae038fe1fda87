package com.atoll.server.outbound;

import com.atoll.model.AtollException;
import com.atoll.platform.AddressRules;
import com.atoll.platform.Installation;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides where deliveries may go. A name is looked up once for each attempt; every address that it
 * has must be allowed, and the attempt is made to the first of them, not to the name.
 */
final class Targets {
  private static final int LONGEST = 2_048;

  private final boolean plainHttp;
  private final AddressRules rules;
  private final Resolver resolver;

  /** Looks names up. */
  @FunctionalInterface
  interface Resolver {
    /** All addresses of a name. */
    List<InetAddress> resolve(String host) throws UnknownHostException;
  }

  Targets(Installation installation, Resolver resolver) {
    this(
        installation.webhookHttp(),
        new AddressRules(installation.deniedRanges(), installation.webhookRanges()),
        resolver);
  }

  Targets(boolean plainHttp, AddressRules rules, Resolver resolver) {
    this.plainHttp = plainHttp;
    this.rules = rules;
    this.resolver = resolver;
  }

  /** Refuses what can never be delivered to, as far as that is known without a look-up. */
  String check(String url) {
    URI uri = parse(url);
    if (uri == null) {
      throw AtollException.invalid("url", "must be an absolute URL without user and fragment");
    }
    if (!isTls(uri) && !plainHttp) {
      throw AtollException.invalid("url", "must begin with https://");
    }
    String host = host(uri);
    InetAddress literal = literal(host);
    boolean local = host.equals("localhost") || host.endsWith(".localhost");
    if (literal == null && local) {
      literal = InetAddress.getLoopbackAddress();
    }
    if (literal != null && !rules.allows(literal)) {
      throw AtollException.invalid("url", "must lead to a public address");
    }
    return url;
  }

  /** An address of a host that may be reached; none of the host's may be another's. */
  InetAddress address(String host, Predicate<InetAddress> besides) throws RefusedException {
    List<InetAddress> addresses = addresses(host);
    for (InetAddress address : addresses) {
      if (!rules.allows(address) && !besides.test(address)) {
        throw new RefusedException("the host has an address that is not public");
      }
    }
    return addresses.getFirst();
  }

  /** Where an attempt goes now. */
  Target resolve(String url) throws RefusedException {
    URI uri = parse(url);
    if (uri == null || (!isTls(uri) && !plainHttp)) {
      throw new RefusedException("the URL is not allowed any more");
    }
    String host = host(uri);
    InetAddress address = address(host, other -> false);
    int port = uri.getPort() > 0 ? uri.getPort() : isTls(uri) ? 443 : 80;
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return new Target(isTls(uri), shown, port, address, path + query);
  }

  private List<InetAddress> addresses(String host) throws RefusedException {
    InetAddress literal = literal(host);
    if (literal != null) {
      return List.of(literal);
    }
    try {
      List<InetAddress> found = resolver.resolve(host);
      if (!found.isEmpty()) {
        return found;
      }
    } catch (UnknownHostException unknown) {
      throw new RefusedException("the host has no address");
    }
    throw new RefusedException("the host has no address");
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException aName) {
      return null;
    }
  }

  private static boolean isTls(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  private static String host(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** A literal, or a name whose last label no resolver could take for a number. */
  private static boolean isHost(String host) {
    return host.startsWith("[")
        || host.matches("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}")
        || host.matches("(.*\\.)?[A-Za-z][A-Za-z0-9-]*\\.?");
  }

  private static @Nullable URI parse(String url) {
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      boolean sound =
          url.length() <= LONGEST
              && url.chars().allMatch(c -> c > 32 && c < 127)
              && (scheme.equals("https") || scheme.equals("http"))
              && uri.getHost() != null
              && isHost(uri.getHost())
              && uri.getRawUserInfo() == null
              && uri.getRawFragment() == null
              && uri.getPort() <= 65_535
              && uri.getPort() != 0;
      return sound ? uri : null;
    } catch (URISyntaxException malformed) {
      return null;
    }
  }
}

package com.atoll.server.outbound;

import com.atoll.platform.AddressRules;
import com.atoll.platform.Installation;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The way to servers that customers name. Only public addresses are reached, and those that the
 * owner of the installation opened; redirects are answers, not followed; everything is bounded in
 * time and size.
 */
public final class Outbound implements AutoCloseable {
  private final Lookups lookups = new Lookups();
  private final Targets targets;
  private final Targets openToAll;
  private final Sender sender;
  private final Syslog syslog;

  /** The way out of an installation. */
  public Outbound(Installation installation) {
    targets = new Targets(installation, lookups);
    openToAll =
        new Targets(true, new AddressRules(installation.deniedRanges(), List.of()), lookups);
    sender = new Sender(targets);
    syslog = new Syslog(targets);
  }

  /**
   * Refuses a URL that can never be reached, as far as that is known without a look-up: an error of
   * the field {@code url}.
   */
  public String check(String url) {
    return targets.check(url);
  }

  /** The same for a receiver of syslog: {@code syslog+tls://host[:port]}. */
  public String checkSyslog(String url) {
    return syslog.check(url);
  }

  /**
   * A public address of a host that a customer named, looked up now: the one to dial, for those who
   * speak HTTP themselves. What the owner opened for webhooks is not open here.
   *
   * @param host a name, or an address as URLs have it
   * @param besides addresses that may be reached too
   * @throws UnknownHostException when it has none, or another one too
   */
  public InetAddress publicAddress(String host, Predicate<InetAddress> besides)
      throws UnknownHostException {
    try {
      boolean six = host.startsWith("[") && host.endsWith("]");
      return openToAll.address(six ? host.substring(1, host.length() - 1) : host, besides);
    } catch (RefusedException refused) {
      throw new UnknownHostException(host + " has no public address");
    }
  }

  /** Posts JSON with these headers; never throws. */
  public Answer post(String url, Map<String, String> headers, byte[] body) {
    return sender.send(url, headers, body);
  }

  /** Makes one request; never throws. */
  public Answer send(Ask ask) {
    return sender.send(ask);
  }

  /**
   * Writes messages that are framed already to a receiver of syslog; never throws. The protocol has
   * no answer: status 200 means that the receiver took the bytes.
   */
  public Answer syslog(String url, byte[] frames) {
    return syslog.send(url, frames);
  }

  @Override
  public void close() {
    sender.close();
    syslog.close();
    lookups.close();
  }
}

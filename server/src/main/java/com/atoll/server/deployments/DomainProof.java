package com.atoll.server.deployments;

import com.atoll.platform.Installation;
import com.atoll.server.domains.Dns;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks DNS whose a custom domain is and where it leads. It belongs to whoever has it point at a
 * name that only he was told, or hold a text that only he was told.
 */
final class DomainProof {
  private static final int LONGEST_CHAIN = 8;

  private final Dns dns;
  private final Installation installation;

  DomainProof(Installation installation) {
    this.installation = installation;
    dns = new Dns(installation.domainResolver());
  }

  /**
   * What DNS says.
   *
   * @param answered whether it said anything
   * @param owned whether the domain is that of who asks
   * @param here whether it leads to this installation
   * @param error what is not right; null when everything is
   */
  record Finding(boolean answered, boolean owned, boolean here, @Nullable String error) {}

  /** The name to point the domain at; nobody else is told it. */
  static String target(Domain domain, String installation) {
    return "verify-" + domain.token() + "." + installation;
  }

  /** The name of the text record. */
  static String textName(Domain domain) {
    return "_atoll." + domain.fqdn();
  }

  /** What the text record must say. */
  static String text(Domain domain) {
    return "atoll-verification=" + domain.token();
  }

  /** Asks; takes seconds when the resolver does not answer. */
  Finding find(Domain domain) {
    List<String> chain = new ArrayList<>();
    String at = domain.fqdn();
    while (chain.size() < LONGEST_CHAIN) {
      Dns.Found next = dns.alias(at);
      if (next.failure() != null) {
        return unanswered(at, next.failure());
      }
      if (next.values().isEmpty() || chain.contains(next.values().getFirst())) {
        break;
      }
      at = next.values().getFirst();
      chain.add(at);
    }
    String target = target(domain, installation.domain());
    boolean owned = chain.contains(target);
    if (!owned) {
      Dns.Found texts = dns.texts(textName(domain));
      if (texts.failure() != null) {
        return unanswered(textName(domain), texts.failure());
      }
      owned = texts.values().contains(text(domain));
    }
    boolean here =
        chain.contains(target) || chain.contains(installation.domain()) || leadsHere(domain);
    return new Finding(true, owned, here, error(domain, owned, here));
  }

  private static Finding unanswered(String name, String why) {
    return new Finding(false, false, false, "DNS was asked for " + name + ": " + why);
  }

  private @Nullable String error(Domain domain, boolean owned, boolean here) {
    if (!owned) {
      return "Neither is "
          + domain.fqdn()
          + " an alias of "
          + target(domain, installation.domain())
          + ", nor has "
          + textName(domain)
          + " the text that was asked for.";
    }
    return here ? null : domain.fqdn() + " does not lead to this installation yet.";
  }

  private boolean leadsHere(Domain domain) {
    List<String> theirs = dns.addresses(domain.fqdn()).values();
    return !theirs.isEmpty() && ours().stream().anyMatch(theirs::contains);
  }

  /** Where this installation is reached: as its own name says, and at what it listens on. */
  private Set<String> ours() {
    String name = installation.domain();
    boolean local = name.equals("localhost") || name.endsWith(".localhost");
    Set<String> ours = new HashSet<>(local ? List.of() : dns.addresses(name).values());
    for (String text : installation.bind()) {
      InetAddress bound = InetAddress.ofLiteral(text);
      if (bound.isAnyLocalAddress()) {
        ours.addAll(machine());
      } else {
        ours.add(bound.getHostAddress());
      }
    }
    return ours;
  }

  private static List<String> machine() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(one -> !one.isLoopbackAddress() && !one.isLinkLocalAddress())
          .map(InetAddress::getHostAddress)
          .toList();
    } catch (SocketException unreadable) {
      return List.of();
    }
  }
}

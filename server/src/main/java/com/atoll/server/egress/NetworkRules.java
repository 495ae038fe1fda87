package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Doc;
import com.atoll.server.sandboxes.NetworkWish;
import com.atoll.server.sandboxes.Sandbox;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a sandbox's network policy. Calls are decided by name, on the ports of HTTP and TLS,
 * and by ranges of addresses on every port: what names other ports or datagrams is refused rather
 * than stored and not held to.
 */
final class NetworkRules {
  static final int MOST = 200;
  private static final List<Integer> DECIDED = List.of(80, 443);
  private static final Pattern PORTS = Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?");

  private NetworkRules() {}

  /** One rule, as clients write it. */
  record Wish(
      @Doc("allow or deny.") @JsonAlias("action") String effect,
      @Doc(
              value =
                  "Host name, *.example.com for every name below it, any, or an IPv4 address or range.",
              max = 300)
          @JsonAlias("host")
          String destination,
      @Doc(
              value =
                  "Ports, like 443, 80,443 or 1-65535, of which 80 and 443 are decided by name;"
                      + " all when absent.",
              max = 100)
          @Nullable String ports,
      @Doc("tcp or any (default).") @Nullable String protocol) {}

  static List<Rule> of(
      OrganizationId org, Policy policy, @Nullable String externalUserId, List<Wish> asked) {
    if (asked.size() > MOST) {
      throw AtollException.invalid("rules", "must be at most " + MOST);
    }
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      Wish wish = asked.get(i);
      String at = "rules[" + i + "].";
      requireStream(at, wish.protocol());
      rules.add(
          new Rule(
              Ids.next("egr"),
              org,
              policy.id(),
              policy.bound(),
              Checks.effect(wish.effect(), at + "effect", false),
              host(at, wish.destination(), wish.ports()),
              List.of(),
              null,
              null,
              externalUserId,
              Policies.now(),
              ports(at + "ports", wish.ports()),
              i));
    }
    return rules;
  }

  /** Those of a wish: what is allowed is asked first, and wins over what is denied. */
  static List<Rule> of(Sandbox sandbox, NetworkWish wish) {
    List<Rule> rules = new ArrayList<>();
    Terms.stored(wish.allowed()).forEach(host -> rules.add(wished(sandbox, host, true)));
    Terms.stored(wish.denied()).forEach(host -> rules.add(wished(sandbox, host, false)));
    return rules;
  }

  private static Rule wished(Sandbox sandbox, String host, boolean allow) {
    return new Rule(
        Ids.next("egr"),
        sandbox.org(),
        null,
        new Bound(Bound.Kind.SANDBOX, sandbox.id()),
        allow,
        host,
        List.of(),
        null,
        null,
        sandbox.owner().externalUserId(),
        Policies.now(),
        List.of(),
        allow ? 0 : 1);
  }

  private static void requireStream(String at, @Nullable String protocol) {
    switch (protocol) {
      case null -> {}
      case "any", "tcp" -> {}
      default ->
          throw AtollException.invalid(
              at + "protocol", "must be tcp or any: no rule is kept that names UDP alone");
    }
  }

  private static String host(String at, String destination, @Nullable String ports) {
    if (destination.equals("any") || destination.equals("*")) {
      return "*";
    }
    if (AddressRange.isMeant(destination)) {
      if (ports != null && !ports.isBlank()) {
        throw AtollException.invalid(
            at + "ports", "must be absent with addresses: a range is open or closed whole");
      }
      return AddressRange.of(at + "destination", destination).text();
    }
    try {
      return Checks.host(destination);
    } catch (AtollException unfit) {
      throw AtollException.invalid(at + "destination", "must be a host name, *.example.com or any");
    }
  }

  /** The ports out of those that are decided; empty for all of them. */
  static List<Integer> ports(String field, @Nullable String asked) {
    if (asked == null || asked.isBlank()) {
      return List.of();
    }
    TreeSet<Integer> fit = new TreeSet<>();
    for (String part : asked.split(",", -1)) {
      String one = part.strip();
      if (!PORTS.matcher(one).matches()) {
        throw AtollException.invalid(field, "must be ports like 443, 80,443 or 1-65535");
      }
      int dash = one.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? one : one.substring(0, dash));
      int last = Integer.parseInt(dash < 0 ? one : one.substring(dash + 1));
      if (first < 1 || last > 65_535 || first > last) {
        throw AtollException.invalid(field, "must be ports from 1 to 65535, the lower one first");
      }
      List<Integer> inside =
          DECIDED.stream().filter(port -> port >= first && port <= last).toList();
      if (inside.isEmpty()) {
        throw AtollException.invalid(
            field, "must hold 80 or 443: other ports are open or closed by default_effect alone");
      }
      fit.addAll(inside);
    }
    return fit.containsAll(DECIDED) ? List.of() : List.copyOf(fit);
  }
}

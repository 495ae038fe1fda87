package com.atoll.node.network;

import com.atoll.node.linux.Nftables;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One table with one rule set for all slots; a slot is one element of the set {@code own}, which
 * says that its interface is open and which address it may use. A refused TCP connection of a
 * workload is reset: of refusals by ICMP the kernel sends about one a second.
 */
final class Firewall implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("[0-9.]{7,15}(/[0-9]{1,2})?");

  /** Connections of one slot at a time: the kernel's table of them is the whole machine's. */
  private static final int MOST_FLOWS = 4_096;

  private final Nftables nftables = new Nftables();
  private final String table;
  private final Installation installation;
  private final ConcurrentMap<Integer, Guard> guards = new ConcurrentHashMap<>();
  private final FlowMeter meter;

  Firewall(Installation installation) {
    this.installation = installation;
    table = "inet atoll_" + installation.id();
    meter = new FlowMeter(table);
  }

  /** Replaces the whole table in one step: packets never see it half made. */
  void install(Map<Slot, Guard> open) {
    run("table " + table + "\ndelete table " + table + "\n" + rules(open));
    guards.clear();
    open.forEach((slot, guard) -> guards.put(slot.index(), guard));
  }

  private String rules(Map<Slot, Guard> open) {
    return """
    table %table% {
     set own { type ifname . ipv4_addr; %own%
     }
     set proxied { type ifname; %proxied%
     }
     set lenient { type ifname; %lenient%
     }
     set closed { type ifname; %closed%
     }
     set opened { type ifname . ipv4_addr; flags interval; %opened%
     }
     set shut { type ifname . ipv4_addr; flags interval; %shut%
     }
     set told { type ifname; flags dynamic,timeout; timeout 10s; size 65535;
     }
     set passed { %flow%
     }
     set kept { %flow%
     }
     set barred { %flow%
     }
     set tracked { type ipv4_addr; flags dynamic; size 65535;
     }
     set denied { type ipv4_addr; flags interval; auto-merge; %denied%
     }
     set allowed { type ipv4_addr; flags interval; auto-merge; %allowed%
     }
     chain guard { type filter hook prerouting priority raw; policy accept;
      iifname "%if%" meta nfproto != ipv4 drop
      iifname "%if%" iifname . ip saddr != @own drop
     }
     chain flows { type filter hook prerouting priority filter; policy accept;
      iifname "%if%" ct state new add @tracked { ip saddr ct count over %flows% } goto refused
     }
     chain refused {
      meta l4proto tcp reject with tcp reset
      reject with icmpx type admin-prohibited
     }
     chain resolver { type nat hook prerouting priority dstnat; policy accept;
      iifname @proxied meta l4proto { tcp, udp } th dport 53 dnat ip to %gateway%:%guarded%
      iifname "%if%" udp dport 53 dnat ip to %gateway%:%dns%
      iifname "%if%" tcp dport 53 dnat ip to %gateway%:%dns%
      iifname @proxied tcp dport 80 dnat ip to %gateway%:%http%
      iifname @proxied tcp dport 443 dnat ip to %gateway%:%tls%
     }
     chain input { type filter hook input priority filter; policy accept;
      iifname "%if%" jump to_host
     }
     chain to_host {
      iifname @proxied ip daddr %gateway% meta l4proto { tcp, udp } th dport %dns% goto refused
      ct state established,related accept
      iifname != @proxied ip daddr %gateway% udp dport %dns% accept
      iifname != @proxied ip daddr %gateway% tcp dport %dns% accept
      iifname @proxied ct status dnat ip daddr %gateway% tcp dport { %http%, %tls%, %guarded% } accept
      iifname @proxied ct status dnat ip daddr %gateway% udp dport %guarded% accept
      goto bar
     }
     chain forward { type filter hook forward priority filter; policy accept;
      iifname "%if%" jump leaving
      oifname "%if%" jump entering
     }
     chain leaving {
      oifname "%if%" goto bar
      iifname . ip daddr @shut goto keep
      iifname @lenient ct state established tcp dport { 80, 443 } goto outside
      iifname @proxied meta l4proto { tcp, udp } th dport 443 goto keep
      iifname @proxied tcp dport 80 goto keep
      iifname . ip daddr @opened goto outside
      iifname @closed goto keep
      goto outside
     }
     chain outside {
      ip daddr @allowed goto pass
      ip daddr @denied goto bar
      goto pass
     }
     chain pass {
      %note% update @passed %key%
      accept
     }
     chain keep {
      %note% update @kept %key%
      goto refused
     }
     chain bar {
      %note% update @barred %key%
      goto refused
     }
     chain entering {
      oifname . ip daddr != @own drop
      ct state established,related accept
      drop
     }
     chain output { type filter hook output priority filter; policy accept;
      oifname "%if%" jump from_host
     }
     chain from_host {
      oifname . ip daddr != @own reject with icmpx type admin-prohibited
      ct state established,related accept
      meta skuid { %uids% } accept
      reject with icmpx type admin-prohibited
     }
     chain hide { type nat hook postrouting priority srcnat; policy accept;
      ip saddr %pool% oifname != "%if%" oifname != "lo" masquerade
     }
    }
    """
        .replace("%flow%", FlowMeter.SET)
        .replace("%note%", FlowMeter.NEW)
        .replace("%key%", FlowMeter.KEY)
        .replace("%table%", table)
        .replace("%if%", installation.id() + "h*")
        .replace("%own%", elements(open.keySet().stream().map(Firewall::element).toList()))
        .replace("%proxied%", elements(names(open, Guard::proxied)))
        .replace("%lenient%", elements(names(open, Guard::lenient)))
        .replace("%closed%", elements(names(open, Guard::closed)))
        .replace("%opened%", elements(intervals(open, Guard::opened)))
        .replace("%shut%", elements(intervals(open, Guard::shut)))
        .replace("%denied%", elements(ranges(installation.deniedRanges())))
        .replace("%allowed%", elements(ranges(installation.allowedRanges())))
        .replace("%gateway%", installation.gatewayAddress())
        .replace("%dns%", Integer.toString(installation.dnsPort()))
        .replace("%guarded%", Integer.toString(installation.egressDnsPort()))
        .replace("%http%", Integer.toString(installation.egressHttpPort()))
        .replace("%tls%", Integer.toString(installation.egressTlsPort()))
        .replace("%uids%", uids())
        .replace("%flows%", Integer.toString(MOST_FLOWS))
        .replace("%pool%", installation.addressPool());
  }

  private String uids() {
    return installation.edgeUid() == 0 ? "0" : "0, " + installation.edgeUid();
  }

  private static List<String> ranges(List<String> configured) {
    for (String range : configured) {
      if (!RANGE.matcher(range).matches()) {
        throw new NetworkException(range + " is no IPv4 range");
      }
    }
    return configured;
  }

  private static String elements(List<String> elements) {
    return elements.isEmpty()
        ? ""
        : elements.stream().collect(Collectors.joining(", ", "elements = { ", " }"));
  }

  private static List<String> names(Map<Slot, Guard> open, Predicate<Guard> wanted) {
    return open.entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .map(entry -> name(entry.getKey()))
        .toList();
  }

  private static List<String> intervals(
      Map<Slot, Guard> open, Function<Guard, List<String>> wanted) {
    return open.entrySet().stream()
        .flatMap(entry ->
            wanted.apply(entry.getValue()).stream()
                .map(interval -> name(entry.getKey()) + " . " + interval))
        .toList();
  }

  private static String name(Slot slot) {
    return '"' + slot.hostInterface() + '"';
  }

  private static String element(Slot slot) {
    return "\"" + slot.hostInterface() + "\" . " + slot.address().getHostAddress();
  }

  void open(Slot slot) {
    run("add element " + table + " own { " + element(slot) + " }");
  }

  void shut(Slot slot) {
    run(without("own", element(slot)));
  }

  /** Shut for good: its next owner begins without a guard. */
  void end(Slot slot) {
    change(slot, Guard.NONE, without("own", element(slot)));
  }

  void guard(Slot slot, Guard guard) {
    change(slot, guard, "");
  }

  /** One slot's changes come one after the other: each is told apart from the one before. */
  private void change(Slot slot, Guard guard, String first) {
    guards.compute(
        slot.index(),
        (index, known) -> {
          Guard before = known == null ? Guard.NONE : known;
          run(
              first
                  + member("proxied", slot, guard.proxied())
                  + member("lenient", slot, guard.lenient())
                  + member("closed", slot, guard.closed())
                  + ranges("opened", slot, before.opened(), guard.opened())
                  + ranges("shut", slot, before.shut(), guard.shut()));
          return guard;
        });
  }

  private String ranges(String set, Slot slot, List<String> before, List<String> now) {
    StringBuilder commands = new StringBuilder();
    for (String interval : before) {
      if (!now.contains(interval)) {
        commands.append(without(set, name(slot) + " . " + interval));
      }
    }
    for (String interval : now) {
      if (!before.contains(interval)) {
        commands.append(
            "add element %s %s { %s . %s }\n".formatted(table, set, name(slot), interval));
      }
    }
    return commands.toString();
  }

  private String member(String set, Slot slot, boolean in) {
    return in
        ? "add element " + table + " " + set + " { " + name(slot) + " }\n"
        : without(set, name(slot));
  }

  /** Added first, so that what is out already is no error. */
  private String without(String set, String element) {
    String change = " element " + table + " " + set + " { " + element + " }\n";
    return "add" + change + "delete" + change;
  }

  /** Whether calls of this slot are written down. */
  boolean isProxied(Slot slot) {
    return guards.getOrDefault(slot.index(), Guard.NONE).proxied();
  }

  /** The calls of proxied slots past the proxy since the last look, by interface. */
  List<FlowMeter.Seen> seen() throws IOException {
    return guards.values().stream().anyMatch(Guard::proxied) ? meter.read() : List.of();
  }

  void remove() {
    run("table " + table + "\ndelete table " + table);
  }

  private void run(String commands) {
    try {
      nftables.run(commands);
    } catch (IOException e) {
      throw new NetworkException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    nftables.close();
    meter.close();
  }
}

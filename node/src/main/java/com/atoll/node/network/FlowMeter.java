package com.atoll.node.network;

import com.atoll.node.linux.Nftables;
import com.atoll.node.network.Flow.Passage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts the new connections of proxied interfaces, one set of the firewall for each {@link
 * Passage}. The kernel bounds both what one interface adds and the whole; what is too much is
 * passed or refused all the same and has no count. An element lives for 30 s after its last
 * connection, so that whoever looks more often misses none.
 */
final class FlowMeter implements AutoCloseable {
  /** What the sets are. */
  static final String SET =
      "type ifname . ipv4_addr . inet_proto . inet_service;"
          + " flags dynamic,timeout; timeout 30s; size 32768;";

  /** Of which packets: the first of a connection, of an interface that has not too many. */
  static final String NEW =
      "ct state new iifname @proxied meta l4proto { tcp, udp }"
          + " update @told { iifname limit rate 10/second burst 100 packets }";

  /** What is counted apart. */
  static final String KEY = "{ iifname . ip daddr . meta l4proto . th dport counter }";

  private static final Pattern PRINTED =
      Pattern.compile(
          "\"([^\"]{1,15})\" \\. ([0-9.]{7,15}) \\. ([a-z0-9]{1,16}) \\. ([0-9]{1,5})"
              + "[^,}]{0,100}?counter packets ([0-9]{1,18})");

  private final Nftables nftables = new Nftables();
  private final String table;
  private Map<Sighting, Long> known = Map.of();

  /** Where a connection went; the count is not part of what it is. */
  private record Sighting(
      String hostInterface, String address, String protocol, int port, Passage passage) {}

  /** So many of these, since the last look. */
  record Seen(
      String hostInterface,
      String address,
      String protocol,
      int port,
      Passage passage,
      long count) {}

  FlowMeter(String table) {
    this.table = table;
  }

  /** What came since the last look. */
  synchronized List<Seen> read() throws IOException {
    Map<Sighting, Long> now = new HashMap<>();
    for (Passage passage : Passage.values()) {
      // One at a time: of several lists in one text, nft reads only the last one's set.
      parse(passage, nftables.run("list set " + table + " " + set(passage)), now);
    }
    List<Seen> fresh = new ArrayList<>();
    now.forEach((one, count) -> {
      long before = known.getOrDefault(one, 0L);
      // Less than before: it was away for a while, and counts from the beginning.
      long more = count < before ? count : count - before;
      if (more > 0) {
        fresh.add(
            new Seen(
                one.hostInterface(),
                one.address(),
                one.protocol(),
                one.port(),
                one.passage(),
                more));
      }
    });
    known = now;
    return fresh;
  }

  private static void parse(Passage passage, String printed, Map<Sighting, Long> found) {
    Matcher next = PRINTED.matcher(printed);
    while (next.find()) {
      found.put(
          new Sighting(
              next.group(1),
              next.group(2),
              protocol(next.group(3)),
              Integer.parseInt(next.group(4)),
              passage),
          Long.parseLong(next.group(5)));
    }
  }

  /** The set that counts these. */
  private static String set(Passage passage) {
    return passage.name().toLowerCase(Locale.ROOT);
  }

  /** A host without names of protocols prints numbers. */
  private static String protocol(String printed) {
    return switch (printed) {
      case "6" -> "tcp";
      case "17" -> "udp";
      default -> printed;
    };
  }

  @Override
  public void close() {
    nftables.close();
  }
}

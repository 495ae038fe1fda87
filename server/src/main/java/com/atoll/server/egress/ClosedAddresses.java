package com.atoll.server.egress;

import com.atoll.platform.Installation;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hosts that are addresses to which no sandbox is connected, whatever its rules say. Names are none
 * of these: where one leads is known only when it is dialed.
 *
 * @param always ranges that nothing opens
 * @param denied ranges that the owner of the installation closes
 * @param allowed ranges that are open although a denied one covers them
 */
record ClosedAddresses(List<String> always, List<String> denied, List<String> allowed) {
  /** "This host", loopback, link-local with the metadata of clouds, multicast. */
  private static Stream<String> ever() {
    return Stream.of("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4");
  }

  private static final String BYTE = "([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
  private static final String WITHIN =
      "exists (select 1 from unnest(cast(? as text[])) as r(cidr)"
          + " where cast(a.host as inet) <<= cast(r.cidr as inet))";

  /**
   * Rules take addresses of IPv4 alone, in the one way that all servers read alike. Whatever else
   * ends in a number is no name, and a server might take it for an address.
   */
  private static final String OPENABLE =
      """
      case
        when position(':' in a.host) > 0 then false
        when a.host !~* '(^|[.])([0-9]+|0x[0-9a-f]*)[.]*$' then true
        when a.host !~ '^%1$s[.]%1$s[.]%1$s[.]%1$s$' then false
        else not %2$s and (%2$s or not %2$s)
      end\
      """
          .formatted(BYTE, WITHIN);

  static ClosedAddresses of(Installation installation) {
    return new ClosedAddresses(
        Stream.concat(ever(), Stream.of(installation.addressPool())).toList(),
        installation.deniedRanges(),
        installation.allowedRanges());
  }

  /** Narrows calls {@code a} to those of hosts that a rule can open. */
  String openable() {
    return OPENABLE;
  }

  /** What stands for the question marks of it. */
  List<Object> values() {
    return List.of(array(always), array(allowed), array(denied));
  }

  private static String[] array(List<String> ranges) {
    return ranges.toArray(String[]::new);
  }
}

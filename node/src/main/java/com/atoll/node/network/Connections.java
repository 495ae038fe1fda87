package com.atoll.node.network;

import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.Netlink;
import com.atoll.node.linux.NetlinkMessage;
import java.net.Inet4Address;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the kernel remembers of connections: a new owner of an address must not inherit any. */
final class Connections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final int DELETE = 1 << 8 | 2;
  private static final int INET = 2;
  private static final int TUPLE_ORIGINAL = 1;
  private static final int FILTER = 25;
  private static final int SOURCE = 1;
  private static final int DESTINATION = 2;

  private final Netlink netlink = new Netlink(Netlink.NETFILTER);

  /**
   * Forgets those from and to an address. Kernels before 6.13 cannot choose and refuse: there the
   * long rest of an address has to do.
   */
  synchronized void forget(Inet4Address address) {
    try {
      forget(address, SOURCE);
      forget(address, DESTINATION);
    } catch (LinuxException e) {
      LOG.debug("Connections of {} time out by themselves: {}", address, e.getMessage());
    }
  }

  private void forget(Inet4Address address, int side) {
    NetlinkMessage message = new NetlinkMessage(DELETE, 0).u8(INET).u8(0).u16(0);
    message.nested(
        TUPLE_ORIGINAL,
        () -> message.nested(1, () -> message.attribute(side, address.getAddress())));
    message.nested(FILTER, () -> message.attribute(1, side).attribute(2, 0));
    try {
      netlink.send("forget connections", message);
    } catch (LinuxException e) {
      // No entry matched.
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    netlink.close();
  }
}

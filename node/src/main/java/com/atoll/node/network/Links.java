package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.Namespaces;
import com.atoll.node.linux.Netlink;
import com.atoll.node.linux.NetlinkMessage;
import java.net.Inet4Address;
import java.util.Collection;

/** Interfaces, addresses, routes and neighbors of one network namespace, over netlink. */
final class Links implements AutoCloseable {
  private static final int NEW_LINK = 16;
  private static final int DELETE_LINK = 17;
  private static final int NEW_ADDRESS = 20;
  private static final int DELETE_ADDRESS = 21;
  private static final int NEW_ROUTE = 24;
  private static final int DELETE_ROUTE = 25;
  private static final int NEW_NEIGHBOR = 28;
  private static final int INET = 2;
  private static final int UP = 1;
  private static final int LINK_ADDRESS = 1;
  private static final int LINK_NAME = 3;
  private static final int LINK_INFO = 18;
  private static final int LINK_GROUP = 27;
  private static final int LINK_NAMESPACE = 28;
  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int VETH_PEER = 1;
  private static final int SCOPE_LINK = 253;
  private static final int SCOPE_UNIVERSE = 0;
  private static final int MAIN_TABLE = 254;
  private static final int PROTOCOL_STATIC = 4;
  private static final int UNICAST = 1;
  private static final int UNREACHABLE = 7;
  private static final int PERMANENT = 0x80;
  private static final int NEW = NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
  private static final int PUT = NetlinkMessage.CREATE | NetlinkMessage.REPLACE;

  private final Netlink netlink = new Netlink(Netlink.ROUTE);

  /**
   * One end of a pair.
   *
   * @param name of the interface
   * @param number the last two bytes of its link-layer address
   */
  record End(String name, int number) {}

  private static byte[] hardwareAddress(int number) {
    return new byte[] {2, 0, 0, 0, (byte) (number >> 8), (byte) number};
  }

  /** A pair: one end here, up; the other, down, in another namespace. */
  synchronized void addPair(End here, End there, Descriptor otherNamespace) {
    NetlinkMessage message = link(NEW_LINK, NEW, 0, UP);
    message
        .attribute(LINK_NAME, here.name())
        .attribute(LINK_ADDRESS, hardwareAddress(here.number()));
    message.nested(
        LINK_INFO,
        () ->
            message
                .attribute(INFO_KIND, "veth")
                .nested(
                    INFO_DATA,
                    () -> message.holding(VETH_PEER, () -> peer(message, there, otherNamespace))));
    netlink.send("make " + there.name(), message);
  }

  private static void peer(NetlinkMessage message, End there, Descriptor namespace) {
    message.u8(0).u8(0).u16(0).u32(0).u32(0).u32(0);
    message
        .attribute(LINK_NAME, there.name())
        .attribute(LINK_ADDRESS, hardwareAddress(there.number()))
        .attribute(LINK_NAMESPACE, namespace.number());
  }

  synchronized void up(int index) {
    netlink.send("up", link(NEW_LINK, 0, index, UP));
  }

  /** Removes an interface, and its other end; one that is gone is no error. */
  synchronized void remove(String name) {
    unlessGone("remove " + name, link(DELETE_LINK, 0, 0, 0).attribute(LINK_NAME, name));
  }

  /**
   * Removes interfaces, and their other ends, in one step: the kernel waits once, not once for
   * each. The group must be nobody else's. What is gone is no error.
   */
  synchronized void removeAll(Collection<String> names, int group) {
    for (String name : names) {
      int index = Namespaces.interfaceIndex(name);
      if (index != 0) {
        unlessGone("group " + name, link(NEW_LINK, 0, index, 0).attribute(LINK_GROUP, group));
      }
    }
    unlessGone("remove group", link(DELETE_LINK, 0, 0, 0).attribute(LINK_GROUP, group));
  }

  private void unlessGone(String what, NetlinkMessage message) {
    try {
      netlink.send(what, message);
    } catch (LinuxException e) {
      if (!e.is(Errno.ENODEV)) {
        throw e;
      }
    }
  }

  /** An address under which this side may be reached from far away. */
  synchronized void addAddress(int index, Inet4Address address) {
    netlink.send("add address", address(NEW_ADDRESS, PUT, index, address, SCOPE_UNIVERSE));
  }

  /** An address that only neighbors know, never chosen as a source for others. */
  synchronized void addLocalAddress(int index, Inet4Address address) {
    netlink.send("add address", address(NEW_ADDRESS, PUT, index, address, SCOPE_LINK));
  }

  synchronized void removeAddress(int index, Inet4Address address) {
    try {
      netlink.send("remove address", address(DELETE_ADDRESS, 0, index, address, SCOPE_LINK));
    } catch (LinuxException gone) {
      if (!gone.is(99)) {
        throw gone;
      }
    }
  }

  /** Which link-layer address an IP address has, for ever: nobody is asked. */
  synchronized void addNeighbor(int index, Inet4Address address, int number) {
    NetlinkMessage message = new NetlinkMessage(NEW_NEIGHBOR, PUT);
    message.u8(INET).u8(0).u16(0).u32(index).u16(PERMANENT).u8(0).u8(0);
    message.attribute(1, address.getAddress()).attribute(2, hardwareAddress(number));
    netlink.send("add neighbor", message);
  }

  /** Packets to {@code target} leave through an interface, from {@code source}. */
  synchronized void addHostRoute(int index, Inet4Address target, Inet4Address source) {
    NetlinkMessage message = route(32, SCOPE_LINK);
    message.attribute(1, target.getAddress()).attribute(4, index);
    netlink.send("add route", message.attribute(7, source.getAddress()));
  }

  synchronized void addDefaultRoute(int index, Inet4Address gateway) {
    NetlinkMessage message = route(0, SCOPE_UNIVERSE);
    netlink.send(
        "add default route", message.attribute(5, gateway.getAddress()).attribute(4, index));
  }

  /** Packets to an address of this network that no interface has are refused here. */
  synchronized void addDeadEnd(Inet4Address network, int bits) {
    netlink.send("add dead end", deadEnd(NEW_ROUTE, PUT, network, bits));
  }

  synchronized void removeDeadEnd(Inet4Address network, int bits) {
    try {
      netlink.send("remove dead end", deadEnd(DELETE_ROUTE, 0, network, bits));
    } catch (LinuxException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  private static NetlinkMessage deadEnd(int type, int flags, Inet4Address network, int bits) {
    NetlinkMessage message = new NetlinkMessage(type, flags);
    return route(message, bits, SCOPE_UNIVERSE, UNREACHABLE).attribute(1, network.getAddress());
  }

  private static NetlinkMessage link(int type, int flags, int index, int up) {
    return new NetlinkMessage(type, flags).u8(0).u8(0).u16(0).u32(index).u32(up).u32(up);
  }

  private static NetlinkMessage address(
      int type, int flags, int index, Inet4Address address, int scope) {
    NetlinkMessage message = new NetlinkMessage(type, flags);
    message.u8(INET).u8(32).u8(0).u8(scope).u32(index);
    return message.attribute(2, address.getAddress()).attribute(1, address.getAddress());
  }

  private static NetlinkMessage route(int bits, int scope) {
    return route(new NetlinkMessage(NEW_ROUTE, PUT), bits, scope, UNICAST);
  }

  private static NetlinkMessage route(NetlinkMessage message, int bits, int scope, int kind) {
    message.u8(INET).u8(bits).u8(0).u8(0);
    return message.u8(MAIN_TABLE).u8(PROTOCOL_STATIC).u8(scope).u8(kind).u32(0);
  }

  /** The number of an interface that must be there. */
  static int require(String name) {
    int index = Namespaces.interfaceIndex(name);
    if (index == 0) {
      throw new NetworkException("there is no interface " + name);
    }
    return index;
  }

  @Override
  public void close() {
    netlink.close();
  }
}

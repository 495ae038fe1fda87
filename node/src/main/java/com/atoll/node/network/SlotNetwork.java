package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Namespaces;
import com.atoll.node.network.Sysctls.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Makes and removes the network of one slot. */
final class SlotNetwork implements AutoCloseable {
  private static final int HOST_END = 1;
  private static final int GUEST_END = 2;
  private static final String GUEST_NAME = "eth0";
  private static final int LOOPBACK = 1;
  private static final Path INTERFACES = Path.of("/sys/class/net");

  private final int group;
  private final Links host = new Links();
  private final Sysctls sysctls = new Sysctls();
  private final Descriptor hostNamespace =
      Descriptor.open(Path.of("/proc/self/ns/net"), Descriptor.READ_ONLY);

  /**
   * @param group number of the group in which interfaces are removed; nobody else's
   */
  SlotNetwork(int group) {
    this.group = group;
  }

  /**
   * Gives the host the address that every slot sees as its gateway, and keeps what is sent to a
   * slot that is gone from leaving by the default route.
   */
  void addGateway(AddressPlan plan) {
    host.addLocalAddress(LOOPBACK, plan.gateway());
    host.addDeadEnd(plan.network(), plan.bits());
  }

  void removeGateway(AddressPlan plan) {
    host.removeAddress(LOOPBACK, plan.gateway());
    host.removeDeadEnd(plan.network(), plan.bits());
  }

  /** The namespace of a slot; it ends when the descriptor is closed and no process is in it. */
  Descriptor create(Slot slot) {
    host.remove(slot.hostInterface());
    Descriptor namespace =
        Namespaces.newNetwork(() -> {
          inside(slot);
          return 0;
        });
    try {
      outside(slot);
      return namespace;
    } catch (IOException | RuntimeException e) {
      namespace.close();
      host.remove(slot.hostInterface());
      throw new NetworkException("slot " + slot.index() + ": " + e.getMessage(), e);
    }
  }

  private void inside(Slot slot) throws IOException {
    sysctls.setOfNew(
        // "all" is that of every interface, also of those that come.
        new Setting("ipv6", "conf/all/disable_ipv6", "1"),
        // The workload's root owns no capability over this namespace: let it use low ports, ping.
        new Setting("ipv4", "ip_unprivileged_port_start", "0"),
        new Setting("ipv4", "ping_group_range", "0 2147483647"));
    try (Links links = new Links()) {
      links.up(LOOPBACK);
      links.addPair(
          new Links.End(GUEST_NAME, GUEST_END),
          new Links.End(slot.hostInterface(), HOST_END),
          hostNamespace);
      int index = Links.require(GUEST_NAME);
      links.addAddress(index, slot.address());
      links.addNeighbor(index, slot.gateway(), HOST_END);
      links.addHostRoute(index, slot.gateway(), slot.address());
      links.addDefaultRoute(index, slot.gateway());
    }
  }

  private void outside(Slot slot) throws IOException {
    String name = slot.hostInterface();
    String conf = "conf/" + name + "/";
    sysctls.setOfHost(
        new Setting("ipv6", conf + "disable_ipv6", "1"),
        new Setting("ipv4", conf + "forwarding", "1"),
        // Nobody inside asks for the host's addresses, nor tells the host its ways.
        new Setting("ipv4", conf + "arp_ignore", "8"),
        new Setting("ipv4", conf + "accept_redirects", "0"),
        new Setting("ipv4", conf + "send_redirects", "0"));
    int index = Links.require(name);
    host.up(index);
    host.addNeighbor(index, slot.address(), GUEST_END);
    host.addHostRoute(index, slot.address(), slot.gateway());
  }

  /** Ends interfaces, all at once. */
  void removeAll(Collection<String> hostInterfaces) {
    host.removeAll(hostInterfaces, group);
  }

  /** Every interface of this host. */
  static List<String> hostInterfaces() throws IOException {
    try (Stream<Path> interfaces = Files.list(INTERFACES)) {
      return interfaces.map(path -> path.getFileName().toString()).toList();
    }
  }

  /** Bytes that went through the host end. */
  static NetworkPool.Traffic traffic(String hostInterface) {
    Path counters = INTERFACES.resolve(hostInterface).resolve("statistics");
    // What the host end sends is what the workload receives.
    return new NetworkPool.Traffic(counter(counters, "tx_bytes"), counter(counters, "rx_bytes"));
  }

  private static long counter(Path counters, String name) {
    try {
      return Long.parseLong(Files.readString(counters.resolve(name)).strip());
    } catch (IOException gone) {
      return 0;
    }
  }

  @Override
  public void close() {
    host.close();
    sysctls.close();
    hostNamespace.close();
  }
}

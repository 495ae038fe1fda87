package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Namespaces;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;

/** A machine beyond this host, in a namespace of its own. */
final class Outside implements AutoCloseable {
  private static final int NEAR = 0x101;
  private static final int FAR = 0x102;
  final Inet4Address address;
  private final String name;
  private final Descriptor network;

  Outside(String name, String far, String near) throws IOException {
    this.name = name;
    address = Inet4Address.ofLiteral(far);
    Inet4Address host = Inet4Address.ofLiteral(near);
    try (Links links = new Links();
        Sysctls sysctls = new Sysctls();
        Descriptor here = Descriptor.open(Path.of("/proc/self/ns/net"), Descriptor.READ_ONLY)) {
      network =
          Namespaces.newNetwork(() -> {
            try (Links inside = new Links()) {
              inside.addPair(new Links.End("eth0", FAR), new Links.End(name, NEAR), here);
              int index = Links.require("eth0");
              inside.addAddress(index, address);
              inside.addNeighbor(index, host, NEAR);
              inside.addHostRoute(index, host, address);
            }
            return 0;
          });
      sysctls.setOfHost(new Sysctls.Setting("ipv4", "conf/" + name + "/forwarding", "1"));
      int index = Links.require(name);
      links.up(index);
      links.addAddress(index, host);
      links.addNeighbor(index, address, FAR);
      links.addHostRoute(index, address, host);
    }
  }

  /** Someone who answers every connection with the caller's address. */
  Echo listen() {
    return listen(0);
  }

  /** The same, on this port. */
  Echo listen(int port) {
    return Namespaces.inNetwork(network, () -> new Echo(port));
  }

  @Override
  public void close() {
    network.close();
    try (Links links = new Links()) {
      links.remove(name);
    }
  }
}

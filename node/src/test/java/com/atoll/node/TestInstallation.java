package com.atoll.node;

import com.atoll.platform.Installation;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Installations of tests: an id of their own, everything below one temporary folder. */
public final class TestInstallation {
  private TestInstallation() {}

  /** One below this folder. */
  public static Installation in(Path folder) {
    return in(folder, List.of());
  }

  /** One below this folder, which lets workloads reach these ranges. */
  public static Installation in(Path folder, List<String> allowedRanges) {
    int random = ThreadLocalRandom.current().nextInt(36 * 36 * 36);
    String id =
        "t"
            + ("000" + Integer.toString(random, 36))
                .substring(Integer.toString(random, 36).length());
    int octet = octet();
    return new Installation(
        id,
        folder.resolve("home"),
        folder.resolve("run"),
        folder.resolve("dist"),
        0,
        0,
        List.of(),
        "localhost",
        "http",
        0,
        65_533,
        0,
        0,
        "100.99." + octet + ".0/24",
        "169.254." + octet + ".1",
        53_000 + octet,
        1_700_000_000L,
        67_108_864L,
        octet,
        null,
        1,
        List.of("10.0.0.0/8", "100.64.0.0/10", "192.0.2.0/24", "203.0.113.0/24"),
        allowedRanges,
        1024,
        false);
  }

  /** The third part of an address that nobody on this machine has as a gateway. */
  private static int octet() {
    Set<String> there;
    try {
      there =
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .map(InetAddress::getHostAddress)
              .collect(Collectors.toSet());
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    int octet;
    do {
      octet = ThreadLocalRandom.current().nextInt(2, 250);
    } while (there.contains("169.254." + octet + ".1"));
    return octet;
  }

  /** Another one, with this address pool. */
  public static Installation withPool(Installation other, String addressPool) {
    return changed(in(other.home().resolveSibling("second")), other.home(), addressPool);
  }

  /** Another one, with this home. */
  public static Installation withHome(Installation other, Path home) {
    return changed(in(other.home().resolveSibling("second")), home, other.addressPool());
  }

  private static Installation changed(Installation base, Path home, String addressPool) {
    return new Installation(
        base.id(),
        home,
        base.run(),
        base.dist(),
        base.httpPort(),
        base.tlsPort(),
        base.bind(),
        base.domain(),
        base.linkScheme(),
        base.serverUid(),
        base.edgeUid(),
        base.postgresUid(),
        base.gid(),
        addressPool,
        base.gatewayAddress(),
        base.dnsPort(),
        base.uidBase(),
        base.uidCount(),
        base.firewallMark(),
        base.databaseUrl(),
        base.warmPool(),
        base.deniedRanges(),
        base.allowedRanges(),
        base.diskImageMb(),
        base.crashPoints());
  }
}

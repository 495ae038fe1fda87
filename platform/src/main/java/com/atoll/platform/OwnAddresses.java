package com.atoll.platform;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The addresses of this machine, of both families. They come and go: the machine is asked again
 * when what is known is 2 s old. When it does not answer, every address counts as its own.
 */
public final class OwnAddresses implements Predicate<InetAddress> {
  private static final long FRESH = 2_000_000_000L;

  private Set<InetAddress> known = Set.of();
  private long knownAt = System.nanoTime() - FRESH - 1;

  /** Those of this machine. */
  public OwnAddresses() {}

  @Override
  public synchronized boolean test(InetAddress address) {
    if (System.nanoTime() - knownAt > FRESH) {
      Set<InetAddress> found = new HashSet<>();
      try (Stream<NetworkInterface> all = NetworkInterface.networkInterfaces()) {
        all.flatMap(NetworkInterface::inetAddresses).forEach(found::add);
        known = found;
        knownAt = System.nanoTime();
      } catch (SocketException unknown) {
        return true;
      }
    }
    return known.contains(address);
  }
}

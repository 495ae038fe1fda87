package com.atoll.server.sandboxes;

import java.util.List;

/**
 * A port that is not open to everybody, as a fork takes it over and as it is kept beside a
 * snapshot.
 *
 * @param fromUnixMs from when on it is not; 0 for ever since
 */
public record KeptPort(int port, long fromUnixMs) {
  /** So many of one sandbox at most, as gateways take them. */
  private static final int MOST = 4096;

  private static final long LATEST = 253_402_300_799_000L; // The end of the year 9999.

  /** Whether they can be those of one sandbox. */
  static boolean areSound(List<KeptPort> ports) {
    return ports.size() <= MOST
        && ports.stream().map(KeptPort::port).distinct().count() == ports.size()
        && ports.stream().allMatch(KeptPort::isSound);
  }

  private boolean isSound() {
    return port > 0 && port <= 65_535 && fromUnixMs >= 0 && fromUnixMs <= LATEST;
  }
}

package com.atoll.node.workloads;

import com.atoll.node.cgroups.CgroupException;
import com.atoll.node.network.NetworkException;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Reads what machines use. The counters go with a machine, and whoever writes them down looks now
 * and then only: what one had used at its end stays with its workload.
 */
final class Meter {
  private static final Logger LOG = Logger.getLogger(Meter.class.getName());

  private final Host host;

  Meter(Host host) {
    this.host = host;
  }

  /**
   * What the machine of a workload uses, or had used when it ended; nothing when neither is known.
   */
  Optional<Consumption> read(Entry entry, WorkloadRecord now) {
    return now.state().hasMachine()
        ? running(now).or(() -> Optional.ofNullable(entry.lastConsumption))
        : Optional.ofNullable(entry.lastConsumption);
  }

  /** Keeps what a machine has used that is about to end. */
  void last(Entry entry, WorkloadRecord now) {
    if (now.state().hasMachine()) {
      running(now).ifPresent(used -> entry.lastConsumption = used);
    }
  }

  private Optional<Consumption> running(WorkloadRecord now) {
    Place place = now.place();
    try {
      return Optional.of(
          new Consumption(
              place.incarnation(),
              host.now(),
              host.cgroups().measure(place.machine()),
              host.network().traffic(host.network().slot(place.slot()))));
    } catch (CgroupException | NetworkException justEnded) {
      LOG.log(Level.FINE, justEnded, () -> "workload " + now.id() + " is not measured");
      return Optional.empty();
    }
  }
}

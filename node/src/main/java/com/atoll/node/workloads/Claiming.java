package com.atoll.node.workloads;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Image;
import com.atoll.node.runtime.Machine;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Makes machines those of new workloads. */
final class Claiming {
  private static final Logger LOG = Logger.getLogger(Claiming.class.getName());

  /** Machines that are tried for one claim when they end meanwhile. */
  private static final int MOST_TRIES = 3;

  /** How long a process that was killed may be on its way out. */
  private static final long END_NANOS = 200_000_000;

  private final Host host;
  private final Table table;
  private final Starter starter;
  private final Claims claims;
  private final WarmPool pool;
  private final Lifecycle lifecycle;
  private final Attachments attachments;
  private final Destroyer destroyer;
  private final Consumer<String> onDeath;

  /**
   * Claims of this node.
   *
   * @param onDeath told of a machine that ended before it was anybody's
   */
  Claiming(
      Host host,
      Table table,
      Starter starter,
      Claims claims,
      WarmPool pool,
      Lifecycle lifecycle,
      Attachments attachments,
      Destroyer destroyer,
      Consumer<String> onDeath) {
    this.host = host;
    this.table = table;
    this.starter = starter;
    this.claims = claims;
    this.pool = pool;
    this.lifecycle = lifecycle;
    this.attachments = attachments;
    this.destroyer = destroyer;
    this.onDeath = onDeath;
  }

  /** A new workload on a machine that is made so; the same one when it is claimed again. */
  WorkloadRecord create(ClaimSpec spec, Function<Entry, Made> how) {
    long began = System.nanoTime();
    destroyer.finish(spec.id());
    return table.claimed(
        spec.id(),
        entry -> {
          WorkloadRecord there = entry.record;
          if (there != null) {
            if (!there.confirmed()) {
              table.store(entry, there.leasedUntil(host.now() + spec.leaseMs()));
            }
            return lifecycle.ensureRunning(entry);
          }
          starter.requireMemory();
          starter.require(spec.terms());
          for (int tries = 1; ; tries++) {
            Made made = how.apply(entry);
            try {
              return held(entry, spec, made, began);
            } catch (DiedException died) {
              if (tries == MOST_TRIES || made.boot() != Boot.WARM) {
                throw NodeFault.unavailable("MACHINE_ENDED", DiedException.MESSAGE);
              }
              LOG.log(Level.INFO, died, () -> "another machine for workload " + spec.id());
            }
          }
        });
  }

  /** The machine ended while it was made the one of a workload. */
  private static final class DiedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final String MESSAGE = "the machine ended while it was being claimed";

    DiedException(RuntimeException cause) {
      super(MESSAGE, cause);
    }
  }

  /** Makes a machine that of a workload; what was made for it is gone when that fails. */
  private WorkloadRecord held(Entry entry, ClaimSpec spec, Made made, long began) {
    entry.mounted = Attachments.ofStart(spec.terms());
    // Nobody waits for the disk before the agent is told: what a new start of this node finds
    // unconfirmed, it applies again.
    Future<?> written = table.write(entry, record(spec, made, began));
    try {
      CrashPoint.CREATE_STARTED.reach();
      starter.apply(made.machine(), made.origin().tree(), made.shape(), spec.terms());
      if (made.boot() != Boot.WARM) {
        made.machine().calm();
      }
      attachments.align(entry, made.machine(), spec.terms().volumes());
      CrashPoint.CREATE_APPLIED.reach();
      Table.await(written);
      entry.touch(host.now());
      entry.machine = made.machine();
      entry.configured = spec.terms().env();
      table.show(entry, record(spec, made, began));
      if (!host.machines().alive(made.machine().id())) {
        onDeath.accept(made.machine().id());
      }
      CrashPoint.CREATE_RECORDED.reach();
      return entry.live();
    } catch (RuntimeException e) {
      boolean ended = hasEnded(made.machine());
      entry.machine = null;
      entry.mounted = List.of();
      table.unwrite(entry, written);
      starter.end(made.machine().id(), made.machine().slot().index());
      host.trees().drop(made.origin().tree());
      throw ended ? new DiedException(e) : e;
    }
  }

  /** Also when nobody has been told yet, or it is ending. */
  private boolean hasEnded(Machine machine) {
    long until = System.nanoTime() + END_NANOS;
    while (host.machines().alive(machine.id())
        && host.cgroups().processes(machine.id()).contains(machine.pid())) {
      if (System.nanoTime() > until) {
        return false;
      }
      LockSupport.parkNanos(END_NANOS / 100);
    }
    return true;
  }

  /** A machine of the pool, or else a cold one where that is allowed. */
  Made fromTemplate(ClaimSpec spec) {
    claims.begins();
    try {
      Optional<WarmPool.Ready> ready = pool.take(spec.templateId(), spec.terms());
      if (ready.isPresent()) {
        WarmPool.Ready warm = ready.get();
        return new Made(
            warm.machine(), origin(warm.image(), warm.tree().id()), Boot.WARM, Shape.ofPool());
      }
      Image image = starter.image(spec.templateId());
      if (!spec.coldAllowed()) {
        throw NodeFault.exhausted(
            "NO_READY_MACHINE", "no machine of template " + spec.templateId() + " is ready");
      }
      return cold(spec, image);
    } finally {
      claims.ended();
    }
  }

  /** A machine that is started for it. */
  Made cold(ClaimSpec spec, Image image) {
    Starter.Fresh fresh = starter.fresh(image, spec.terms());
    return new Made(
        fresh.machine(), origin(image, fresh.tree().id()), Boot.COLD, spec.terms().shape());
  }

  private WorkloadRecord record(ClaimSpec spec, Made made, long began) {
    long micros = (System.nanoTime() - began) / 1_000;
    Place place = Place.of(made.machine(), 1, made.boot(), micros);
    long now = host.now();
    return new WorkloadRecord(
        spec.id(),
        made.origin(),
        spec.terms(),
        place,
        State.RUNNING,
        "",
        spec.leaseMs() == 0,
        now + spec.leaseMs(),
        now);
  }

  private static WorkloadRecord.Origin origin(Image image, String tree) {
    return new WorkloadRecord.Origin(image.templateId(), image.digest(), tree);
  }
}

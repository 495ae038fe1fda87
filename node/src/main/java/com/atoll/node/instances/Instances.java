package com.atoll.node.instances;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.releases.Releases;
import com.atoll.node.workloads.Watchers;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The instances of this node, each with its supervisor. They need no server to stay up. */
public final class Instances {
  private final Context context;
  private final Watchers<InstanceView> watchers = new Watchers<>();
  private final Map<String, Supervisor> supervisors = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** The last lines of an instance's output. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Output(byte[] output, byte[] stdout, byte[] stderr) {}

  /**
   * Instances of this machine.
   *
   * @param folder where their logs lie
   */
  public Instances(
      Workloads workloads,
      Releases releases,
      RecordFolder<InstanceRecord> records,
      Path folder,
      InstantSource clock) {
    this.context = new Context(workloads, releases, records, folder, clock, watchers::tell);
  }

  /** Takes up every instance that shall run. Call it after the workloads were recovered. */
  public void open() throws IOException {
    for (InstanceRecord record : context.records().all()) {
      Supervisor supervisor = new Supervisor(context, record);
      supervisors.put(record.id(), supervisor);
      if (record.wanted()) {
        supervisor.start();
      } else {
        context.workloads().destroy(record.workloadId());
      }
    }
    sweep();
  }

  /** Ends workloads of instances that there is no record of. */
  private void sweep() {
    for (WorkloadRecord workload : context.workloads().list()) {
      String id = workload.id();
      if (id.startsWith(InstanceRecord.WORKLOAD_PREFIX)
          && !supervisors.containsKey(id.substring(InstanceRecord.WORKLOAD_PREFIX.length()))) {
        context.workloads().destroy(id);
      }
    }
  }

  /** Tells what happens from now on. */
  public Watchers<InstanceView> watchers() {
    return watchers;
  }

  /** Starts an instance; the same one when it is there already. */
  public InstanceView start(String id, InstanceRecord.Spec spec) {
    context.releases().get(spec.releaseId());
    lock.lock();
    try {
      Supervisor there = supervisors.get(id);
      if (there != null && there.record().wanted()) {
        if (!there.record().spec().equals(spec)) {
          throw NodeFault.of(
              NodeFault.Kind.EXISTS, "INSTANCE_EXISTS", "id: belongs to another instance");
        }
        return there.view();
      }
      InstanceRecord record = InstanceRecord.of(id, spec);
      context.records().write(id, record);
      CrashPoint.PUBLISH_INSTANCE_RECORDED.reach();
      Supervisor supervisor = new Supervisor(context, record);
      supervisors.put(id, supervisor);
      supervisor.start();
      return supervisor.view();
    } finally {
      lock.unlock();
    }
  }

  /** Stops an instance; its logs are kept. Unknown ones are stopped. */
  public void stop(String id) {
    Supervisor supervisor = supervisors.get(id);
    if (supervisor != null && supervisor.record().wanted()) {
      supervisor.stop();
    }
  }

  /** An instance; NOT_FOUND. */
  public InstanceView get(String id) {
    return find(id)
        .orElseThrow(
            () -> NodeFault.notFound("INSTANCE_NOT_FOUND", "no instance " + id + " on this node"));
  }

  /** An instance. */
  public Optional<InstanceView> find(String id) {
    return Optional.ofNullable(supervisors.get(id)).map(Supervisor::view);
  }

  /** All of them, the stopped ones too. */
  public List<InstanceView> list() {
    return supervisors.values().stream().map(Supervisor::view).toList();
  }

  /** The last lines of its output over all its restarts. */
  public Output logs(String id, int lines) {
    get(id);
    try {
      InstanceLog.Tail tail = InstanceLog.tail(context.logFile(id), lines);
      return new Output(tail.output(), tail.stdout(), tail.stderr());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log of " + id, e);
    }
  }

  /**
   * A part of its output over all its restarts.
   *
   * @param records what the streams wrote, oldest first
   * @param cursor where the next part begins
   * @param gap whether something before it is no longer kept
   */
  public record Page(List<Written> records, String cursor, boolean gap) {}

  /** What one stream wrote at a time; 1 is standard output, 2 standard error. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Written(int stream, long unixMicros, byte[] bytes) {}

  /**
   * What it wrote after a cursor.
   *
   * @param cursor from a page before; empty for the beginning of what is kept
   * @param most about how many bytes
   */
  public Page read(String id, String cursor, long most) {
    get(id);
    try {
      LogReader.Part part = LogReader.read(context.logFile(id), cursor, most);
      return new Page(
          part.entries().stream()
              .map(entry -> new Written(entry.stream(), entry.unixMicros(), entry.bytes()))
              .toList(),
          part.cursor(),
          part.gap());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log of " + id, e);
    }
  }

  /** Forgets the stopped instances of a release; a running one keeps it. */
  public void forget(String releaseId) {
    lock.lock();
    try {
      for (Supervisor supervisor : List.copyOf(supervisors.values())) {
        InstanceRecord record = supervisor.record();
        if (!record.spec().releaseId().equals(releaseId)) {
          continue;
        }
        if (record.wanted()) {
          throw NodeFault.precondition(
              "RELEASE_IN_USE", "instance " + record.id() + " runs this release");
        }
        supervisor.forget();
        supervisors.remove(record.id());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot forget the instances of " + releaseId, e);
    } finally {
      lock.unlock();
    }
  }
}

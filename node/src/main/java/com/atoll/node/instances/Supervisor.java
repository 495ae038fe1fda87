package com.atoll.node.instances;

import com.atoll.node.CrashPoint;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.Command;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestProcess;
import com.atoll.node.guest.GuestProcesses;
import com.atoll.node.guest.RecordFrames;
import com.atoll.node.runtime.Machine;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.WorkloadRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps the command of one instance running until it is not wanted any more. */
final class Supervisor {
  private static final Logger LOG = Logger.getLogger(Supervisor.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int SIGTERM = 15;
  private static final String NAME = "instance";

  private final Context context;
  private final CountDownLatch unwanted = new CountDownLatch(1);
  private volatile InstanceRecord record;
  private boolean forgotten;
  private volatile Condition condition = new Condition(Health.STARTING, "", 0, "", false);

  /** How it is now. */
  record Condition(
      Health health, String address, long incarnation, String reason, boolean loopbackOnly) {}

  Supervisor(Context context, InstanceRecord record) {
    this.context = context;
    this.record = record;
  }

  InstanceView view() {
    Condition now = condition;
    Health health = record.wanted() ? now.health() : Health.STOPPED;
    return new InstanceView(
        record, health, now.address(), now.incarnation(), now.reason(), now.loopbackOnly());
  }

  InstanceRecord record() {
    return record;
  }

  void start() {
    Thread.ofVirtual().name("instance-" + record.id()).start(this::run);
  }

  /** Lets the command end, then clears everything away; returns at once. */
  void stop() {
    store(InstanceRecord::unwanted);
    unwanted.countDown();
    terminate();
    context.changed(this);
  }

  private void run() {
    Backoff backoff = new Backoff();
    boolean again = record.startedMs() > 0;
    while (record.wanted()) {
      long began = context.clock().millis();
      try (InstanceLog log = new InstanceLog(context.logFile(record.id()))) {
        again |= once(log, again);
      } catch (NodeFault | GuestException e) {
        unhealthy(String.valueOf(e.getMessage()));
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.WARNING, e, () -> "instance " + record.id());
        unhealthy("internal error of the node");
      }
      if (record.wanted()) {
        pause(backoff.after(context.clock().millis() - began));
      }
    }
    context.workloads().destroy(record.workloadId());
  }

  /** One run of the command, or what is left of one from before; whether it was started. */
  private boolean once(InstanceLog log, boolean again) throws IOException {
    WorkloadRecord workload = context.workload(record);
    CrashPoint.PUBLISH_INSTANCE_STARTED.reach();
    try (Use use = context.workloads().use(record.workloadId())) {
      Machine machine = use.machine();
      GuestProcesses processes = machine.guest().processes();
      long incarnation = workload.place().incarnation();
      GuestProcess process = alive(processes, incarnation);
      if (process == null) {
        process = processes.start(command(), NAME);
        long now = context.clock().millis();
        long pid = process.pid();
        store(old -> old.started(incarnation, pid, again, now));
        log.mark(process.pid(), now * 1_000);
      } else if (log.cursor().process() != process.pid()) {
        log.mark(process.pid(), context.clock().millis() * 1_000);
      }
      if (!record.wanted()) {
        terminate();
      }
      String address = machine.slot().address().getHostAddress();
      become(new Condition(Health.STARTING, address, incarnation, "", false));
      try (Checkup checkup = new Checkup(this, record.spec(), machine)) {
        checkup.start();
        follow(processes, process.pid(), log);
      }
      return true;
    }
  }

  private @Nullable GuestProcess alive(GuestProcesses processes, long incarnation) {
    if (record.pid() == 0 || record.incarnation() != incarnation) {
      return null;
    }
    try {
      GuestProcess process = processes.get(record.pid());
      return process.running() && process.name().equals(NAME) ? process : null;
    } catch (GuestException unknown) {
      return null;
    }
  }

  private Command command() {
    InstanceRecord.Spec spec = record.spec();
    Map<String, String> env = Map.of("PORT", Integer.toString(spec.port()));
    return new Command(
        spec.command(),
        List.of(),
        context.directory(record),
        env,
        null,
        null,
        new byte[0],
        false,
        0,
        0,
        false);
  }

  /** Copies the output into the log until the command ends. */
  private void follow(GuestProcesses processes, long pid, InstanceLog log) throws IOException {
    try (RecordFrames frames =
        new RecordFrames(processes.records(pid, log.cursor().sequence(), true))) {
      RecordFrames.Frame frame = frames.next();
      while (frame != null) {
        switch (frame.stream()) {
          case RecordFrames.STDOUT, RecordFrames.STDERR ->
              log.append(
                  frame.stream(),
                  frame.sequence(),
                  frame.unixMicros(),
                  ByteBuffer.wrap(frame.payload()));
          case RecordFrames.EXIT -> {
            exited(frame.payload());
            return;
          }
          default -> LOG.fine(() -> "instance " + record.id() + " has lost output");
        }
        frame = frames.next();
      }
    }
    unhealthy("its machine ended");
  }

  private void exited(byte[] payload) {
    int code;
    try {
      JsonNode exit = JSON.readTree(payload);
      code = exit.path("exit_code").asInt(-1);
    } catch (JacksonException e) {
      code = -1;
    }
    int exitCode = code;
    store(old -> old.exited(exitCode));
    unhealthy("its command ended with " + exitCode);
  }

  /** Asks the command to end, and makes it end after a while. */
  private void terminate() {
    long pid = record.pid();
    if (pid == 0) {
      return;
    }
    try (Use use = context.workloads().use(record.workloadId())) {
      use.machine().guest().processes().signal(pid, SIGTERM, true, GRACE);
    } catch (NodeFault | GuestException gone) {
      LOG.log(Level.FINE, "nothing to end", gone);
    }
  }

  private void unhealthy(String reason) {
    Condition now = condition;
    become(
        new Condition(
            Health.UNHEALTHY, now.address(), now.incarnation(), reason, now.loopbackOnly()));
  }

  void become(Condition next) {
    if (!next.equals(condition)) {
      condition = next;
      context.changed(this);
    }
  }

  Condition condition() {
    return condition;
  }

  /** Stopping and running write at the same time: neither may undo the other. */
  private synchronized void store(UnaryOperator<InstanceRecord> change) {
    InstanceRecord next = change.apply(record);
    if (!forgotten) {
      context.records().write(next.id(), next);
    }
    record = next;
  }

  /** Leaves nothing on disk, also when the command ends only later. */
  synchronized void forget() throws IOException {
    forgotten = true;
    context.records().delete(record.id());
    InstanceLog.delete(context.logFile(record.id()));
  }

  private void pause(long millis) {
    try {
      var _ = unwanted.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package com.atoll.server.drains;

import com.atoll.model.AtollException;
import com.atoll.server.commands.SandboxTap;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the sources of drains have written and keeps it, in the same transaction as how far it
 * was read. While a receiver takes nothing, reading stops at a bound; the machine keeps output for
 * a while too.
 */
final class Collector {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
  private static final int MOST_LINES = 2_000;
  private static final long MOST_PENDING_BYTES = 8L << 20;

  private final Store store;
  private final Sandboxes sandboxes;
  private final SandboxTap sandboxTap;
  private final ProcessTap processTap;
  private volatile List<Drain> active = List.of();

  Collector(Store store, Sandboxes sandboxes, NodeClient node) {
    this.store = store;
    this.sandboxes = sandboxes;
    sandboxTap = new SandboxTap(node);
    processTap = new ProcessTap(node);
  }

  /** What was read of a source. */
  private record Reading(Source source, List<LogLine> lines, String place) {}

  /** Somebody else has read on meanwhile. */
  private static final class OvertakenException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Looks at the sources of every drain; whether there is any. */
  boolean round() {
    List<Drain> now = store.system(DrainTable::active);
    active = now;
    if (now.isEmpty()) {
      return false;
    }
    List<Sandbox> running = sandboxes.running();
    for (Drain drain : now) {
      attempt(drain, () -> collect(drain, running));
    }
    return true;
  }

  /** A sandbox is about to lose its machine: the last look at what it wrote. */
  void last(Sandbox sandbox) {
    for (Drain drain : active) {
      boolean wants = drain.isDefault() && drain.wants(Source.Kind.SANDBOX);
      if (wants && drain.projectId().equals(sandbox.owner().projectId())) {
        attempt(
            drain,
            () -> {
              String place =
                  store.find(
                      drain.org(),
                      tx -> Sources.place(tx, drain, Source.Kind.SANDBOX, sandbox.id()));
              Source source = new Source(Source.Kind.SANDBOX, sandbox.id(), null, null, place);
              keep(drain, List.of(sandbox(drain, source, sandbox)));
            });
      }
    }
  }

  private static void attempt(Drain drain, Runnable work) {
    try {
      work.run();
    } catch (OvertakenException elsewhere) {
      LOG.debug("Another server reads for the log drain {}.", drain.id());
    } catch (AtollException away) {
      LOG.debug("The log drain {} reads later: {}", drain.id(), away.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("The log drain {} could not read.", drain.id(), e);
    }
  }

  /** What there is to read. */
  private record Found(
      List<Source> sandboxes, List<Source> processes, List<Sources.Build> builds) {}

  private void collect(Drain drain, List<Sandbox> running) {
    Map<String, Sandbox> own = new LinkedHashMap<>();
    running.stream()
        .filter(sandbox -> drain.projectId().equals(sandbox.owner().projectId()))
        .forEach(sandbox -> own.put(sandbox.id(), sandbox));
    Found found = store.find(drain.org(), tx -> found(tx, drain, own));
    if (found == null) {
      return;
    }
    List<Reading> readings = new ArrayList<>();
    for (Source source : found.sandboxes()) {
      Sandbox sandbox = own.get(source.id());
      if (sandbox != null) {
        read(readings, () -> sandbox(drain, source, sandbox));
      }
    }
    for (Source source : found.processes()) {
      read(readings, () -> process(drain, source));
    }
    found.builds().forEach(build -> readings.add(build(drain, build)));
    keep(drain, readings);
  }

  private static @org.jspecify.annotations.Nullable Found found(
      Tx tx, Drain drain, Map<String, Sandbox> own) {
    if (DrainTable.pendingBytes(tx, drain.id()) > MOST_PENDING_BYTES) {
      return null;
    }
    return new Found(
        Sources.sandboxes(tx, drain, own.keySet()),
        Sources.processes(tx, drain),
        Sources.builds(tx, drain));
  }

  /** One source that cannot be read now keeps nobody from the others. */
  private static void read(List<Reading> readings, Supplier<Reading> source) {
    try {
      readings.add(source.get());
    } catch (AtollException away) {
      LOG.debug("A log is read later: {}", away.getMessage());
    }
  }

  private Reading sandbox(Drain drain, Source source, Sandbox sandbox) {
    SandboxTap.Part part = sandboxTap.read(sandbox, source.place(), MOST_LINES);
    List<LogLine> lines = new ArrayList<>();
    for (SandboxTap.Line line : part.lines()) {
      add(
          lines,
          drain,
          LogLine.of(drain, source, line.at(), line.stream(), line.text())
              .by(line.process(), line.pid()));
    }
    return new Reading(source, lines, part.cursor());
  }

  private Reading process(Drain drain, Source source) {
    ProcessTap.Part part = processTap.read(source.id(), source.place(), MOST_LINES);
    List<LogLine> lines = new ArrayList<>();
    part.lines()
        .forEach(line ->
            add(lines, drain, LogLine.of(drain, source, line.at(), line.stream(), line.text())));
    return new Reading(source, lines, part.place());
  }

  private static Reading build(Drain drain, Sources.Build build) {
    String text = build.unread();
    String whole = build.open() ? text.substring(0, text.lastIndexOf('\n') + 1) : text;
    String before = build.source().place();
    int place = (before == null ? 0 : Integer.parseInt(before)) + codePoints(whole);
    Instant at = build.at();
    List<LogLine> lines =
        whole.lines().map(line -> LogLine.of(drain, build.source(), at, "stdout", line)).toList();
    return new Reading(build.source(), lines, Integer.toString(place));
  }

  /** The length as the database counts it. */
  private static int codePoints(String text) {
    return text.codePointCount(0, text.length());
  }

  private static void add(List<LogLine> lines, Drain drain, LogLine line) {
    if (!line.timestamp().isBefore(drain.since())) {
      lines.add(line);
    }
  }

  private void keep(Drain drain, List<Reading> readings) {
    List<Reading> fresh =
        readings.stream().filter(r -> !r.place().equals(r.source().place())).toList();
    if (fresh.isEmpty()) {
      return;
    }
    List<LogLine> lines = new ArrayList<>();
    fresh.forEach(reading -> lines.addAll(reading.lines()));
    lines.sort(java.util.Comparator.comparing(LogLine::timestamp));
    store.execute(
        drain.org(),
        tx -> {
          boolean wanted =
              tx.sql()
                      .fetchOne(
                          """
                          select 1 from log_drains where id = ? and state = 'active'
                          for key share\
                          """,
                          drain.id())
                  != null;
          if (!wanted) {
            return;
          }
          for (Reading reading : fresh) {
            if (!Sources.moved(tx, drain, reading.source(), reading.place())) {
              throw new OvertakenException();
            }
          }
          Batch.keep(tx, drain, lines);
        });
    CrashPoint.AFTER_COLLECT.reach();
  }
}

package com.atoll.server.meters;

import com.atoll.node.v1.Measurement;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;

/** The tables of what sandboxes use. */
final class MeterStore {
  private static final String COUNT =
      """
      insert into sandbox_meters as m (sandbox_id, org, cpu_micros, received_bytes, sent_bytes, incarnation,
        last_cpu_micros, last_received_bytes, last_sent_bytes, memory_bytes, disk_bytes, processes, measured_at,
        memory_mb_ms)
      select id, org, cpu, received, sent, incarnation, cpu, received, sent, memory, disk, processes, at,
        cast(greatest(0, least(coalesce(extract(epoch from at - since) * 1000, 0), silence)) * memory / 1048576 as bigint)
      from (select cast(? as text) as id, cast(? as text) as org, cast(? as bigint) as cpu, cast(? as bigint) as received,
        cast(? as bigint) as sent, cast(? as bigint) as incarnation, cast(? as bigint) as memory, cast(? as bigint) as disk,
        cast(? as integer) as processes, cast(? as timestamptz) as at, cast(? as bigint) as silence,
        coalesce((select running_since from sandboxes where id = ?), cast(? as timestamptz)) as since) as measured
      on conflict (sandbox_id) do update set
        cpu_micros = m.cpu_micros + excluded.last_cpu_micros - case when excluded.incarnation = m.incarnation
          and excluded.last_cpu_micros >= m.last_cpu_micros then m.last_cpu_micros else 0 end,
        received_bytes = m.received_bytes + excluded.last_received_bytes - case when excluded.incarnation = m.incarnation
          and excluded.last_received_bytes >= m.last_received_bytes then m.last_received_bytes else 0 end,
        sent_bytes = m.sent_bytes + excluded.last_sent_bytes - case when excluded.incarnation = m.incarnation
          and excluded.last_sent_bytes >= m.last_sent_bytes then m.last_sent_bytes else 0 end,
        memory_mb_ms = m.memory_mb_ms + cast(greatest(0, least(extract(epoch from excluded.measured_at
              - greatest(m.measured_at, coalesce((select s.running_since from sandboxes s where s.id = m.sandbox_id),
                cast(? as timestamptz)))) * 1000, ?))
            * (case when excluded.incarnation = m.incarnation then m.memory_bytes else excluded.memory_bytes end
              + excluded.memory_bytes) / 2097152 as bigint),
        disk_mb_ms = m.disk_mb_ms + cast(extract(epoch from excluded.measured_at - m.measured_at) * 1000
          * m.disk_bytes / 1048576 as bigint),
        incarnation = excluded.incarnation,
        last_cpu_micros = excluded.last_cpu_micros,
        last_received_bytes = excluded.last_received_bytes,
        last_sent_bytes = excluded.last_sent_bytes,
        memory_bytes = excluded.memory_bytes,
        disk_bytes = excluded.disk_bytes,
        processes = excluded.processes,
        measured_at = excluded.measured_at
      where excluded.measured_at > m.measured_at\
      """;

  private static final String KEEP =
      """
      insert into sandbox_samples as s (sandbox_id, org, step_sec, slot, at, cpu_micros, received_bytes, sent_bytes,
        memory_bytes, disk_bytes, processes)
      select sandbox_id, org, ?, ?, measured_at, cpu_micros, received_bytes, sent_bytes, memory_bytes, disk_bytes,
        processes from sandbox_meters where sandbox_id = ?
      on conflict (sandbox_id, step_sec, slot) do update set
        at = excluded.at, cpu_micros = excluded.cpu_micros, received_bytes = excluded.received_bytes,
        sent_bytes = excluded.sent_bytes, disk_bytes = excluded.disk_bytes, processes = excluded.processes,
        memory_bytes = case when excluded.at - s.at < make_interval(secs => s.step_sec)
          then greatest(s.memory_bytes, excluded.memory_bytes) else excluded.memory_bytes end\
      """;

  /** A longer silence is not counted as memory in use: nobody saw it. */
  private static final long LONGEST_SILENCE_MS = 120_000;

  /** What a sandbox has used in all. */
  record Meter(Sample total, long memoryMbMs) {}

  /**
   * Takes in a measurement; an older one than is known changes nothing. Memory is not counted while
   * the sandbox was paused, also when its processes were kept; of a machine that nobody has
   * measured before, what it has now is taken for what it had since it began.
   */
  void count(Tx tx, Sandbox sandbox, Measurement measured) {
    long told = measured.getIncarnation();
    OffsetDateTime at = Instant.ofEpochMilli(measured.getAtUnixMs()).atOffset(ZoneOffset.UTC);
    tx.sql()
        .execute(
            COUNT,
            sandbox.id(),
            sandbox.org().value(),
            measured.getCpuMicros(),
            measured.getReceivedBytes(),
            measured.getSentBytes(),
            told == 0 ? sandbox.incarnation() : told,
            measured.getMemoryBytes(),
            measured.getDiskBytes(),
            measured.getProcesses(),
            at,
            LONGEST_SILENCE_MS,
            sandbox.id(),
            sandbox.runningSince(),
            sandbox.runningSince(),
            LONGEST_SILENCE_MS);
  }

  /** Has the growth written down of a sandbox that runs no more. */
  void due(Tx tx, Sandbox sandbox) {
    tx.sql()
        .execute(
            """
            insert into usage_due (resource_id, org) select id, org from sandboxes
            where id = ? and (destroyed_at is null or destroyed_at > now() - interval '1 day')\
            """,
            sandbox.id());
  }

  /** Keeps the totals of now as a point of each series. */
  void keep(Tx tx, String sandboxId, Instant at) {
    for (Window window : Window.values()) {
      tx.sql().execute(KEEP, window.stepSeconds(), window.slot(at), sandboxId);
    }
  }

  Optional<Meter> meter(Tx tx, String sandboxId) {
    return tx.sql()
        .fetchOptional(
            "select *, measured_at as at from sandbox_meters where sandbox_id = ?", sandboxId)
        .map(row -> new Meter(sample(row), row.get("memory_mb_ms", Long.class)));
  }

  /** What a sandbox had before its last resize. */
  Former former(Tx tx, String sandboxId) {
    return tx.sql()
        .fetchOptional(
            "select run_ms, vcpu_ms, memory_mb_ms from usage_shapes where resource_id = ?",
            sandboxId)
        .map(row ->
            new Former(
                row.get("run_ms", Long.class),
                row.get("vcpu_ms", Long.class),
                row.get("memory_mb_ms", Long.class)))
        .orElse(Former.NONE);
  }

  /** The points of a series, oldest first. */
  List<Sample> series(Tx tx, String sandboxId, Window window, Instant now) {
    return tx.sql()
        .fetch(
            "select * from sandbox_samples where sandbox_id = ? and step_sec = ? and at >= ? order"
                + " by at",
            sandboxId,
            window.stepSeconds(),
            window.begin(now).atOffset(ZoneOffset.UTC))
        .map(MeterStore::sample);
  }

  /** Deletes points that no window shows any more. */
  void sweep(Tx tx, Instant now) {
    tx.sql()
        .execute(
            "delete from sandbox_samples where at < ?",
            Window.WEEK.begin(now).atOffset(ZoneOffset.UTC));
  }

  private static Sample sample(Record row) {
    return new Sample(
        row.get("at", OffsetDateTime.class).toInstant(),
        row.get("cpu_micros", Long.class),
        row.get("received_bytes", Long.class),
        row.get("sent_bytes", Long.class),
        row.get("memory_bytes", Long.class),
        row.get("disk_bytes", Long.class),
        row.get("processes", Integer.class));
  }
}

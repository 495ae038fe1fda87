package com.atoll.server.previews;

import com.atoll.server.sandboxes.Ports;
import java.time.OffsetDateTime;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * What became of the previews of one port. The end of a preview never lets anybody in who was not
 * let in before: only what was said after it opens the port further.
 *
 * @param live whether it has a preview that has not ended
 * @param privateLive whether one of those is private
 * @param until when the last of those ends; null when one of them has no end
 * @param published when the newest public one of those was made
 * @param ended when the last preview ended that has ended
 * @param privateEnded the same of private ones
 * @param expired whether that last one ended by its own time
 * @param exposed when the port was last exposed without a preview
 * @param withheld since when it is not open to everybody because it was not in the source of its
 *     sandbox; null when nothing is known of that
 * @param closesAt from when on that holds, where it did not from the beginning
 */
record PortHistory(
    boolean live,
    boolean privateLive,
    @Nullable OffsetDateTime until,
    @Nullable OffsetDateTime published,
    @Nullable OffsetDateTime ended,
    @Nullable OffsetDateTime privateEnded,
    boolean expired,
    @Nullable OffsetDateTime exposed,
    @Nullable OffsetDateTime withheld,
    @Nullable OffsetDateTime closesAt) {
  /** One row for each port of all sandboxes, or of one. */
  static final String SELECT =
      """
      with said as (
        select p.sandbox_id, p.port, p.created_at, p.expires_at, e.ended,
          p.visibility = 'private' as private,
          coalesce(e.ended > now(), true) as live,
          p.deleted_at is null or p.deleted_at > p.expires_at as expired
        from previews p join sandboxes s on s.id = p.sandbox_id,
          lateral (select least(p.deleted_at, p.expires_at) as ended) e
        where (cast(? as text) is null and s.state <> 'destroyed') or p.sandbox_id = ?
      ), ports as (
        select sandbox_id, port,
          bool_or(live) as live,
          coalesce(bool_or(private) filter (where live), false) as private_live,
          case when bool_or(live and ended is null) then null
            else max(ended) filter (where live) end as until,
          max(created_at) filter (where live and not private) as published,
          max(ended) filter (where not live) as ended,
          max(ended) filter (where not live and private) as private_ended,
          coalesce(
            (array_agg(expired order by ended desc) filter (where not live))[1], false) as expired
        from said group by sandbox_id, port
      ), opened as (
        select sandbox_id, port, opened_at from exposed_ports
        where cast(? as text) is null or sandbox_id = ?
      ), withheld as (
        select sandbox_id, port, created_at as withheld_at, closes_at from withheld_ports
        where cast(? as text) is null or sandbox_id = ?
      )
      select sandbox_id, port, coalesce(live, false) as live,
        coalesce(private_live, false) as private_live, until, published, ended, private_ended,
        coalesce(expired, false) as expired, opened_at,
        withheld_at, closes_at
      from ports full join opened using (sandbox_id, port)
        full join withheld using (sandbox_id, port)\
      """;

  static PortHistory read(Record row) {
    return new PortHistory(
        row.get("live", Boolean.class),
        row.get("private_live", Boolean.class),
        row.get("until", OffsetDateTime.class),
        row.get("published", OffsetDateTime.class),
        row.get("ended", OffsetDateTime.class),
        row.get("private_ended", OffsetDateTime.class),
        row.get("expired", Boolean.class),
        row.get("opened_at", OffsetDateTime.class),
        row.get("withheld_at", OffsetDateTime.class),
        row.get("closes_at", OffsetDateTime.class));
  }

  /** Whether it answers although it listens on 127.0.0.1 only. */
  boolean isExposed() {
    return live || (exposed != null && isAfter(exposed, ended));
  }

  /** Whether it needs a token. */
  boolean isRestricted() {
    return privateLive
        || (isWithheld() && closesAt == null)
        || (live && !isAfter(published, privateEnded) && !isAfter(exposed, privateEnded));
  }

  /** When it closes, or has closed; null when it is not to. */
  Ports.@Nullable Closing closing() {
    if (live) {
      return until == null ? null : new Ports.Closing(millis(until), true);
    }
    if (ended != null && !isAfter(exposed, ended)) {
      return new Ports.Closing(millis(ended), expired);
    }
    return isWithheld() && closesAt != null ? new Ports.Closing(millis(closesAt), true) : null;
  }

  /** Whether nobody has opened it since its sandbox took it over from another. */
  private boolean isWithheld() {
    return withheld != null && !isAfter(exposed, withheld) && !isAfter(published, withheld);
  }

  private static long millis(OffsetDateTime time) {
    return time.toInstant().toEpochMilli();
  }

  /** Whether this was said after that end, if there was one. */
  private static boolean isAfter(@Nullable OffsetDateTime said, @Nullable OffsetDateTime end) {
    return end == null || (said != null && said.isAfter(end));
  }
}

package com.atoll.server.drains;

import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * What writes logs in an environment. A version belongs to the environment that it was published
 * for; a sandbox, and a version whose environment the project does not have, to the default one.
 */
final class Sources {
  private static final int MOST_BUILDS = 50;

  private static final String OF_PROJECT =
      """
      d.project_id = {0} and d.deleted_at is null and case
        when exists (select from project_environments e
          where e.project_id = d.project_id and e.slug = v.input ->> 'environment')
        then v.input ->> 'environment' = {1} else {2} end\
      """;

  private Sources() {}

  /** A build and what it has written that was not read. */
  record Build(Source source, String unread, boolean open, Instant at) {}

  static List<Source> sandboxes(Tx tx, Drain drain, Collection<String> running) {
    if (!drain.isDefault() || !drain.wants(Source.Kind.SANDBOX) || running.isEmpty()) {
      return List.of();
    }
    Map<String, String> places = new HashMap<>();
    tx.sql()
        .fetch(
            "select source, place from log_drain_cursors where drain_id = ? and kind = 'sandbox'",
            drain.id())
        .forEach(row -> places.put(row.get(0, String.class), row.get(1, String.class)));
    List<Source> sources = new ArrayList<>();
    for (String id : running) {
      sources.add(new Source(Source.Kind.SANDBOX, id, null, null, places.get(id)));
    }
    return sources;
  }

  /** The processes of deployments that run, and those that ended a moment ago. */
  static List<Source> processes(Tx tx, Drain drain) {
    if (!drain.wants(Source.Kind.DEPLOYMENT)) {
      return List.of();
    }
    return tx.sql()
        .fetch(
            """
            select i.id, i.deployment_id, i.version_id, c.place
            from deployment_instances i
              join deployments d on d.id = i.deployment_id
              join deployment_versions v on v.id = i.version_id
              left join log_drain_cursors c
                on c.drain_id = {0} and c.kind = 'deployment' and c.source = i.id
            where {1} and (i.desired <> 'stopped' or i.stopped_at > now() - interval '10 minutes')
            order by i.id\
            """,
            DSL.val(drain.id()), ofProject(drain))
        .map(row -> source(Source.Kind.DEPLOYMENT, row));
  }

  static List<Build> builds(Tx tx, Drain drain) {
    if (!drain.wants(Source.Kind.BUILD)) {
      return List.of();
    }
    return tx.sql()
        .fetch(
            """
            select v.id, v.deployment_id, v.id as version_id, c.place, v.updated_at,
              substr(v.build_log, coalesce(cast(c.place as int), 0) + 1) as unread,
              v.state in ('created', 'building') as open
            from deployment_versions v
              join deployments d on d.id = v.deployment_id
              left join log_drain_cursors c
                on c.drain_id = {0} and c.kind = 'build' and c.source = v.id
            where {1} and v.created_at >= {2}
              and length(v.build_log) > coalesce(cast(c.place as int), 0)
            order by v.id limit {3}\
            """,
            DSL.val(drain.id()),
            ofProject(drain),
            DSL.val(drain.since().atOffset(ZoneOffset.UTC)),
            DSL.val(MOST_BUILDS))
        .map(row ->
            new Build(
                source(Source.Kind.BUILD, row),
                row.get("unread", String.class),
                row.get("open", Boolean.class),
                row.get("updated_at", OffsetDateTime.class).toInstant()));
  }

  private static Condition ofProject(Drain drain) {
    return DSL.condition(
        OF_PROJECT,
        DSL.val(drain.projectId()),
        DSL.val(drain.environment()),
        DSL.val(drain.isDefault()));
  }

  private static Source source(Source.Kind kind, Record row) {
    return new Source(
        kind,
        row.get("id", String.class),
        row.get("deployment_id", String.class),
        row.get("version_id", String.class),
        row.get("place", String.class));
  }

  /** Whether nobody else has read on meanwhile; how far it is read now is kept. */
  static boolean moved(Tx tx, Drain drain, Source source, String place) {
    String before = source.place();
    return 1
        == (before == null
            ? tx.sql()
                .execute(
                    """
                    insert into log_drain_cursors (org, drain_id, kind, source, place)
                    values (?, ?, ?, ?, ?) on conflict do nothing\
                    """,
                    drain.org().value(),
                    drain.id(),
                    source.kind().wire(),
                    source.id(),
                    place)
            : tx.sql()
                .execute(
                    """
                    update log_drain_cursors set place = ?
                    where drain_id = ? and kind = ? and source = ? and place = ?\
                    """,
                    place,
                    drain.id(),
                    source.kind().wire(),
                    source.id(),
                    before));
  }

  /** How far one source was read. */
  static @Nullable String place(Tx tx, Drain drain, Source.Kind kind, String source) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select place from log_drain_cursors
                where drain_id = ? and kind = ? and source = ?\
                """,
                drain.id(),
                kind.wire(),
                source);
    return row == null ? null : row.get(0, String.class);
  }
}

package com.atoll.server.templates;

import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The tables of templates and builds. */
final class TemplateStore {
  private static final String TEMPLATE =
      "select id, org, name, slug, description, metadata::text as metadata,"
          + " build_spec::text as build_spec, current_build_id, (select b.build_spec::text from"
          + " sandbox_template_builds b where b.id = current_build_id) as built_spec, status,"
          + " version, created_at, updated_at from sandbox_templates ";
  private static final String BUILD =
      "select id, org, template_id, state, build_spec::text as build_spec, base,"
          + " metadata::text as metadata, events::text as events,"
          + " certification::text as certification, image_id, error_code, error_message, version,"
          + " started_at, finished_at, created_at, updated_at from sandbox_template_builds ";

  private TemplateStore() {}

  static List<OwnTemplate> all(Tx tx) {
    return tx.sql().fetch(TEMPLATE + "order by id desc limit 1000").map(OwnTemplate::of);
  }

  /** By id or slug, within the organization of the transaction. */
  static Optional<OwnTemplate> find(Tx tx, String reference) {
    return one(
        tx.sql()
            .fetchOne(
                TEMPLATE + "where id = ? or slug = ? order by (id = ?) desc limit 1",
                reference,
                reference,
                reference));
  }

  /** By id alone, within the organization of the transaction. */
  static Optional<OwnTemplate> byId(Tx tx, String id) {
    return one(tx.sql().fetchOne(TEMPLATE + "where id = ?", id));
  }

  /** The same, and nobody else changes it until the end of the transaction. */
  static Optional<OwnTemplate> lock(Tx tx, String id) {
    // A statement of its own: what is read then of its build was written before the lock was had.
    tx.later("select 1 from sandbox_templates where id = ? for update", id);
    return byId(tx, id);
  }

  /** Keeps it from being deleted until the end of the transaction; whether it is there. */
  static boolean hold(Tx tx, String id) {
    return tx.sql().fetchOne("select id from sandbox_templates where id = ? for key share", id)
        != null;
  }

  private static Optional<OwnTemplate> one(@Nullable Record row) {
    return Optional.ofNullable(row).map(OwnTemplate::of);
  }

  static int count(Tx tx) {
    return number(tx, "select count(*) from sandbox_templates");
  }

  static void insert(
      Tx tx,
      String id,
      String name,
      String slug,
      @Nullable String description,
      Map<String, Object> metadata,
      BuildSpec spec) {
    tx.sql()
        .execute(
            """
            insert into sandbox_templates (id, org, name, slug, description, metadata, build_spec)
            values (?, ?, ?, ?, ?, cast(? as jsonb), cast(? as jsonb))\
            """,
            id,
            tx.org().value(),
            name,
            slug,
            description,
            json(metadata),
            json(spec.wire()));
  }

  /** Writes what may change of a template. */
  static void update(Tx tx, OwnTemplate to) {
    tx.sql()
        .execute(
            """
            update sandbox_templates set name = ?, slug = ?, description = ?,
              metadata = cast(? as jsonb), build_spec = cast(? as jsonb), current_build_id = ?,
              status = ?, version = version + 1, updated_at = now() where id = ?\
            """,
            to.name(),
            to.slug(),
            to.description(),
            json(to.metadata()),
            json(to.spec().wire()),
            to.currentBuildId(),
            to.status(),
            to.id());
  }

  /** Notes that its owner says now by what it is built. */
  static void specified(Tx tx, String id) {
    tx.sql().execute("update sandbox_templates set specified_at = now() where id = ?", id);
  }

  /**
   * Whether this build was asked for to say by what its template is built, and nobody has since.
   */
  static boolean isLatestWord(Tx tx, Build build) {
    return tx.sql()
        .fetchSingle(
            """
            select b.specifies and t.specified_at <= b.created_at from sandbox_template_builds b
            join sandbox_templates t on t.id = b.template_id where b.id = ?\
            """,
            build.id())
        .get(0, Boolean.class);
  }

  /** By what a build of this template was made. */
  static Optional<BuildSpec> specification(Tx tx, String templateId, String buildId) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    "select build_spec::text from sandbox_template_builds"
                        + " where id = ? and template_id = ?",
                    buildId,
                    templateId))
        .map(row -> OwnTemplate.spec(row.get(0, String.class)));
  }

  /** Deletes it; what its snapshots and their forks are like stays for as long as there are any. */
  static void delete(Tx tx, OwnTemplate template) {
    tx.sql()
        .execute(
            "insert into deleted_templates (id, org, build_spec) values (?, ?, cast(? as jsonb))",
            template.id(),
            tx.org().value(),
            json(template.inEffect().wire()));
    tx.sql().execute("delete from sandbox_templates where id = ?", template.id());
    tx.sql()
        .execute(
            """
            delete from deleted_templates d where not exists (
              select from sandboxes s where s.template_id = d.id and (s.state <> 'destroyed'
                or exists (select from snapshots n where n.sandbox_id = s.id and n.status <> 'deleted')))\
            """);
  }

  /** What is left of a deleted one, within the organization of the transaction. */
  static Optional<Book.Remains> remains(Tx tx, String id) {
    return Optional.ofNullable(
            tx.sql()
                .fetchOne(
                    "select org, build_spec::text as build_spec from deleted_templates"
                        + " where id = ?",
                    id))
        .map(row ->
            new Book.Remains(
                row.get("org", String.class),
                OwnTemplate.spec(row.get("build_spec", String.class))));
  }

  /** Sandboxes that were created from a template and are not destroyed. */
  static int sandboxesOf(Tx tx, String id) {
    return number(
        tx, "select count(*) from sandboxes where template_id = ? and state <> 'destroyed'", id);
  }

  /**
   * Builds of other templates that begin with an image of this one, and that run or that their
   * template stands on. Of a superseded one only sandboxes are left, for which the node keeps what
   * they stand on.
   */
  static int buildsOn(Tx tx, String id) {
    return number(
        tx,
        """
        select count(*) from sandbox_template_builds b
        join sandbox_template_builds of on of.id = b.base and of.template_id = ?
        join sandbox_templates t on t.id = b.template_id
        where b.template_id <> ?
          and (b.state not in ('ready', 'failed', 'cancelled') or b.id = t.current_build_id)\
        """,
        id,
        id);
  }

  static int openBuilds(Tx tx) {
    return number(
        tx,
        "select count(*) from sandbox_template_builds"
            + " where state not in ('ready', 'failed', 'cancelled')");
  }

  static void insertBuild(
      Tx tx,
      String id,
      String templateId,
      BuildSpec spec,
      boolean specifies,
      String base,
      Map<String, Object> data) {
    // Ids outlive their rows: the node, and what stands on an image, may know one for longer.
    tx.sql().execute("insert into used_build_ids (id, org) values (?, ?)", id, tx.org().value());
    tx.sql().execute("delete from used_build_ids where used_at < now() - interval '2 days'");
    tx.sql()
        .execute(
            """
            insert into sandbox_template_builds
              (id, org, template_id, build_spec, specifies, base, metadata)
            values (?, ?, ?, cast(? as jsonb), ?, ?, cast(? as jsonb))\
            """,
            id,
            tx.org().value(),
            templateId,
            json(spec.wire()),
            specifies,
            base,
            json(data));
  }

  static Optional<Build> build(Tx tx, String id) {
    return oneBuild(tx.sql().fetchOne(BUILD + "where id = ?", id));
  }

  static Optional<Build> lockBuild(Tx tx, String id) {
    return oneBuild(tx.sql().fetchOne(BUILD + "where id = ? for update", id));
  }

  private static Optional<Build> oneBuild(@Nullable Record row) {
    return Optional.ofNullable(row).map(Build::of);
  }

  static Page<Build> builds(Tx tx, String templateId, Paging paging) {
    String after = paging.after();
    List<Build> rows =
        tx.sql()
            .fetch(
                BUILD
                    + "where template_id = ? and (cast(? as text) is null or id < ?)"
                    + " order by id desc offset ? limit ?",
                templateId,
                after,
                after,
                paging.offset(),
                paging.limit() + 1)
            .map(Build::of);
    int total =
        number(
            tx, "select count(*) from sandbox_template_builds where template_id = ?", templateId);
    return Page.of(rows, paging, total, Build::id);
  }

  static List<String> buildIds(Tx tx, String templateId) {
    return tx.sql()
        .fetch("select id from sandbox_template_builds where template_id = ?", templateId)
        .map(row -> row.get("id", String.class));
  }

  /** Those that are not over, of every organization; for transactions of the system. */
  static List<Build> open(Tx tx) {
    return tx.sql()
        .fetch(BUILD + "where state not in ('ready', 'failed', 'cancelled') order by id limit 1000")
        .map(Build::of);
  }

  /** The newest that were cancelled, of every organization; for transactions of the system. */
  static List<String> cancelled(Tx tx) {
    return tx.sql()
        .fetch(
            "select id from sandbox_template_builds where state = 'cancelled'"
                + " order by id desc limit 1000")
        .map(row -> row.get("id", String.class));
  }

  /**
   * Whether each build with a row is needed by the node: it runs, its template stands on it, or one
   * that is not over begins with it.
   */
  static Map<String, Boolean> needed(Tx tx) {
    return tx.sql()
        .fetch(
            """
            select b.id, (b.state <> 'ready' or t.current_build_id = b.id or exists (
              select from sandbox_template_builds o
              where o.base = b.id and o.state not in ('ready', 'failed', 'cancelled'))) as needed
            from sandbox_template_builds b join sandbox_templates t on t.id = b.template_id\
            """)
        .intoMap(row -> row.get("id", String.class), row -> row.get("needed", Boolean.class));
  }

  /** Writes what the node tells of a build. */
  static void tell(Tx tx, Build to) {
    tx.sql()
        .execute(
            """
            update sandbox_template_builds set state = ?, events = cast(? as jsonb),
              certification = cast(? as jsonb), image_id = ?, error_code = ?, error_message = ?,
              started_at = ?, finished_at = ?, version = version + 1, updated_at = now()
            where id = ?\
            """,
            to.state(),
            json(to.events()),
            to.certification().isEmpty() ? null : json(to.certification()),
            to.imageId(),
            to.errorCode(),
            to.errorMessage(),
            to.startedAt(),
            to.finishedAt(),
            to.id());
  }

  private static int number(Tx tx, String query, Object... bindings) {
    Record row = tx.sql().fetchSingle(query, bindings);
    return row.get(0, Integer.class);
  }

  private static String json(Object value) {
    return Json.MAPPER.writeValueAsString(value);
  }
}

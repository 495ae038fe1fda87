package com.atoll.server.projecttemplates;

import com.atoll.model.Ids;
import com.atoll.server.projects.EnvironmentRef;
import com.atoll.server.store.Tx;
import java.util.Map;
import java.util.Objects;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Which resources a template made in an environment. */
final class Items {
  /** Whether a resource that was made is still there. */
  private static final Map<Kind, String> THERE =
      Map.of(
          Kind.VOLUME, "select 1 from volumes where id = ?",
          Kind.SANDBOX, "select 1 from sandboxes where id = ? and state <> 'destroyed'",
          Kind.DEPLOYMENT, "select 1 from deployments where id = ? and deleted_at is null");

  private Items() {}

  /** The kinds of resources. */
  enum Kind {
    /** A volume. */
    VOLUME,
    /** A sandbox. */
    SANDBOX,
    /** A deployment. */
    DEPLOYMENT;

    String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * One resource of a template.
   *
   * @param key the Idempotency-Key of its creation
   * @param id null while it is not known to be there
   */
  record Item(String key, @Nullable String id) {}

  /**
   * The resource of this name, or the key to make it with. What is gone is made anew.
   *
   * @param template slug of the template
   */
  static Item find(Tx tx, EnvironmentRef in, String template, Kind kind, String name) {
    tx.sql()
        .execute(
            """
            insert into project_template_items (org, project_id, environment_id, template, kind,
              name, request_key) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing\
            """,
            tx.org().value(),
            in.projectId(),
            in.id(),
            template,
            kind.wire(),
            name,
            Ids.next("tpl"));
    Record row =
        tx.sql()
            .fetchSingle(
                """
                select request_key, resource_id from project_template_items
                where environment_id = ? and template = ? and kind = ? and name = ? for update\
                """,
                in.id(),
                template,
                kind.wire(),
                name);
    String id = row.get("resource_id", String.class);
    String key = row.get("request_key", String.class);
    if (id == null || isThere(tx, kind, id)) {
      return new Item(key, id);
    }
    String fresh = Ids.next("tpl");
    tx.sql()
        .execute(
            """
            update project_template_items set request_key = ?, resource_id = null
            where environment_id = ? and template = ? and kind = ? and name = ?\
            """,
            fresh,
            in.id(),
            template,
            kind.wire(),
            name);
    return new Item(fresh, null);
  }

  private static boolean isThere(Tx tx, Kind kind, String id) {
    return tx.sql().fetchOne(Objects.requireNonNull(THERE.get(kind)), id) != null;
  }

  static void made(Tx tx, String key, String id) {
    tx.sql()
        .execute(
            "update project_template_items set resource_id = ? where request_key = ?", id, key);
  }
}

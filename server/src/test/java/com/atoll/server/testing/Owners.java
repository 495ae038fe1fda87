package com.atoll.server.testing;

import com.atoll.model.OrganizationId;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import java.util.UUID;

/** Organizations for tests that look behind the API. */
public final class Owners {
  private Owners() {}

  /** A new organization. */
  public static OrganizationId organization(Store store) {
    String name = "org " + UUID.randomUUID();
    new Organizations(store).create(name);
    return store.system(tx ->
        new OrganizationId(
            tx.sql()
                .fetchSingle("select org from organizations where name = ?", name)
                .get(0, String.class)));
  }

  /** The row of a sandbox of 2 CPUs and 4 GiB that runs since a minute. */
  public static String sandbox(Store store, OrganizationId org, String externalUser) {
    String id = com.atoll.model.SandboxId.next().value();
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                insert into sandboxes (id, org, slug, name, state, template_id, cpu_count, memory_mb,
                  disk_size_mb, workspace_id, project_id, owner_id, external_user_id, persistent,
                  always_on, timeout_sec, idle_timeout_sec, running_since)
                values (?, ?, ?, 'test', 'running', 'test', 2, 4096, 10240,
                  (select id from workspaces where org = ? limit 1),
                  (select id from projects where org = ? limit 1), 'key', ?, true, false, 0, 0,
                  now() - interval '60 seconds')\
                """,
                id,
                org.value(),
                id,
                org.value(),
                org.value(),
                externalUser));
    return id;
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.model.Standing;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;

class RowLevelSecurityTest {
  private static final Set<String> OF_ALL_USERS =
      Set.of("workspaces", "action_grants", "usage_closed");

  @Test
  void everyTableOfTenantsIsConfinedAndEveryOtherOneIsKnown() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      List<String> open =
          store.system(tx ->
              tx.sql()
                  .fetch(
                      """
                      select relname from pg_class where relkind in ('r', 'p')
                        and relnamespace = cast('public' as regnamespace)
                        and not (relrowsecurity and exists (
                          select from pg_policy where polrelid = pg_class.oid))
                      order by relname\
                      """)
                  .getValues(0, String.class));
      assertEquals(List.of("event_epoch", "flyway_schema_history", "webhook_cursor"), open);
    }
  }

  /** Columns that came after a policy would not be in it. */
  @Test
  void aPolicyIsTheOneThatTheColumnsOfItsTableMean() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      List<String> stale =
          store.system(tx -> {
            // Whoever owns the tables makes policies.
            tx.sql().execute("set local role none");
            List<String> found = new ArrayList<>();
            for (String table :
                tx.sql()
                    .fetch(
                        """
                        select relname from pg_class where relkind in ('r', 'p') and oid in (
                          select polrelid from pg_policy where polname = 'tenant') order by 1\
                        """)
                    .getValues(0, String.class)) {
              boolean confine = !OF_ALL_USERS.contains(table);
              tx.sql()
                  .execute(
                      """
                      do $$ begin execute format(
                        'create policy compared on %1$I to atoll_app using (%2$s) with check (%3$s)',
                        '{0}', atoll_condition(cast('{0}' as regclass), {1}, false),
                        atoll_condition(cast('{0}' as regclass), {1}, true)); end $$\
                      """
                          .replace("{0}", table)
                          .replace("{1}", String.valueOf(confine)));
              if (!policy(tx, table, "tenant").equals(policy(tx, table, "compared"))) {
                found.add(table);
              }
              tx.sql().execute("drop policy compared on " + table);
            }
            return found;
          });
      // What a token makes is counted for the person behind its key, which no workspace has.
      assertEquals(List.of("api_keys"), stale);
    }
  }

  private static String policy(Tx tx, String table, String name) {
    return tx.sql()
        .fetchSingle(
            """
            select pg_get_expr(polqual, polrelid) || ' / ' || pg_get_expr(polwithcheck, polrelid)
            from pg_policy where polrelid = cast(? as regclass) and polname = ?\
            """,
            table,
            name)
        .get(0, String.class)
        // Reports look up once for all rows what a transaction may see.
        .replaceAll("\\( SELECT (current_setting\\([^)]*\\)) AS current_setting\\)", "$1");
  }

  @Test
  void aTransactionWritesNothingForAnotherOrganization() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      Organizations organizations = new Organizations(store);
      organizations.create("one " + UUID.randomUUID());
      organizations.create("two " + UUID.randomUUID());
      List<String> orgs =
          store.system(tx ->
              tx.sql()
                  .fetch("select org from organizations order by created_at desc limit 2")
                  .getValues(0, String.class));
      OrganizationId mine = new OrganizationId(orgs.get(0));
      String other = orgs.get(1);
      assertThrows(
          DataAccessException.class,
          () ->
              store.execute(
                  mine,
                  tx ->
                      tx.sql()
                          .execute(
                              "insert into key_presets (org, name, scopes) values (?, 'x', '{}')",
                              other)));
      int changed =
          store.transaction(
              mine,
              tx -> tx.sql().execute("update organizations set name = 'x' where org = ?", other));
      assertEquals(0, changed);
    }
  }

  @Test
  void whatReferredToSomethingThatWasRemovedMeanwhileIsAConflict() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      String org = anOrganization(store);
      AtollException refused =
          assertThrows(
              AtollException.class,
              () ->
                  store.execute(
                      new OrganizationId(org),
                      tx ->
                          tx.sql()
                              .execute(
                                  """
                                  insert into projects (id, org, workspace_id, name, slug)
                                  values ('prj_x', ?, 'wsp_gone', 'x', 'x')\
                                  """,
                                  org)));
      assertEquals(ErrorCode.CONFLICT, refused.code());
    }
  }

  @Test
  void aConfinedCredentialThatWouldWriteOutsideOfItIsRefused() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      String org = anOrganization(store);
      Principal confined =
          new Principal(
              new OrganizationId(org),
              new KeyId("key_x"),
              Role.USER,
              null,
              0,
              null,
              null,
              new Standing(null, null, false, Standing.RateLimits.USUAL, "wsp_mine"));
      AtollException refused =
          assertThrows(
              AtollException.class,
              () ->
                  store.execute(
                      confined,
                      tx ->
                          tx.sql()
                              .execute(
                                  """
                                  insert into sandbox_batches (id, org, status, requested,
                                    concurrency, template_id, workspace_id)
                                  values ('bat_x', ?, 'completed', 1, 1, 't', 'wsp_other')\
                                  """,
                                  org)));
      assertEquals(ErrorCode.FORBIDDEN, refused.code());
    }
  }

  private static String anOrganization(Store store) {
    new Organizations(store).create("one " + UUID.randomUUID());
    return store.system(tx ->
        tx.sql()
            .fetchSingle("select org from organizations order by created_at desc limit 1")
            .get(0, String.class));
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.OrganizationId;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.TestPostgres;
import java.util.List;
import java.util.UUID;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;

class RowLevelSecurityTest {
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
}

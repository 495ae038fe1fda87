package com.atoll.server.identity;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Role;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;

/** Makes organizations and their first keys: what the launcher asks for, never a request. */
public final class Organizations {
  private static final Set<String> RESERVED =
      Set.of(
          "sandbox", "sandboxes", "api", "console", "www", "preview", "admin", "auth", "storage");
  private static final String FIRST = "Default";

  private final Store store;

  /** Organizations of this store. */
  public Organizations(Store store) {
    this.store = store;
  }

  /**
   * A new admin key of the first organization, which is made when there is none. It is not limited.
   */
  public KeySecret mintAdmin() {
    return store.system(tx -> mint(tx, first(tx), "launcher", false));
  }

  /**
   * A new admin key of test mode of the first organization, for what the launcher makes and removes
   * at a start. It is not limited.
   */
  public KeySecret mintStartUp() {
    ensureTwin(store.system(Organizations::first));
    return store.system(tx -> mint(tx, first(tx), "start-up", true));
  }

  private static OrganizationId first(Tx tx) {
    Record row =
        tx.sql().fetchOne("select org from organizations order by created_at, org limit 1");
    return row == null ? create(tx, FIRST) : new OrganizationId(row.get(0, String.class));
  }

  /** A new organization and its first admin key. */
  public KeySecret create(String name) {
    if (name.isBlank() || name.length() > 100) {
      throw AtollException.invalid("name", "must be 1 to 100 characters long");
    }
    try {
      return store.system(tx -> mint(tx, create(tx, name.strip()), "first", false));
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "organizations_slug_key")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, name);
      }
      throw e;
    }
  }

  /**
   * The test twin of an organization, made when there is none: an organization of its own, so that
   * nothing of one is ever seen in the other.
   */
  public void ensureTwin(OrganizationId org) {
    store.executeSystem(tx -> {
      Record live =
          tx.sql()
              .fetchSingle(
                  "select name, slug, test_of from organizations where org = ? for update",
                  org.value());
      boolean made =
          live.get("test_of") != null
              || tx.sql().fetchOne("select 1 from organizations where test_of = ?", org.value())
                  != null;
      if (made) {
        return;
      }
      String name = live.get("name", String.class) + " (test)";
      OrganizationId twin = create(tx, name, live.get("slug", String.class) + "-" + Ids.random(6));
      tx.sql()
          .execute("update organizations set test_of = ? where org = ?", org.value(), twin.value());
    });
  }

  private static OrganizationId create(Tx tx, String name) {
    String slug = Slugs.of(name);
    return create(tx, name, RESERVED.contains(slug) ? slug + "-" + Ids.random(4) : slug);
  }

  private static OrganizationId create(Tx tx, String name, String slug) {
    OrganizationId org = OrganizationId.next();
    tx.sql()
        .execute(
            "insert into organizations (org, name, slug) values (?, ?, ?)",
            org.value(),
            name,
            slug);
    Tx inside = tx.within(org);
    Directory.createDefaults(inside);
    inside.event("organization.created", "organization", org.value(), 1, Map.of("name", name));
    return org;
  }

  private static KeySecret mint(Tx tx, OrganizationId org, String name, boolean test) {
    KeySecret secret = test ? KeySecret.nextTest() : KeySecret.next(Role.ADMIN);
    KeyId id = KeyId.next();
    tx.sql()
        .execute(
            """
            insert into api_keys (id, org, name, hash, prefix, role, test, rate_limit_rpm)
            values (?, ?, ?, ?, ?, ?, ?, 0)\
            """,
            id.value(),
            org.value(),
            name,
            secret.hash(),
            secret.prefix(),
            Role.ADMIN.wire(),
            test);
    tx.within(org).event("key.created", "key", id.value(), 1, Map.of("name", name));
    return secret;
  }
}

package com.atoll.server.identity;

import com.atoll.model.KeyId;
import com.atoll.model.MemberRole;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.model.Standing;
import com.atoll.server.store.Tx;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Reads principals from rows of keys. */
public final class Principals {
  /**
   * What to select, with {@link #JOIN} and {@link #VALID}, of a key {@code k}. The organization is
   * the one that the key acts in: for a test key the test twin of its own.
   */
  public static final String COLUMNS =
      """
      k.id, o.org, k.kind, k.role, k.scopes, k.rate_limit_rpm, k.external_user_id, k.user_id, k.workspace_id,
      m.role as member_role, o.test_of, o.workspace_rpm, o.group_rpm\
      """;

  /**
   * How a key {@code k} is joined to the organization that it acts in and to the person behind it.
   */
  public static final String JOIN =
      """
       join organizations o on o.org = case when k.test
          then (select t.org from organizations t where t.test_of = k.org) else k.org end
        left join members m on m.org = coalesce(o.test_of, o.org) and m.user_id = k.user_id \
      """;

  /** That the key works now. A key that a person made ends with that person's membership. */
  public static final String VALID =
      """
       k.status = 'active' and o.status = 'active' and (k.expires_at is null or k.expires_at > now())
        and (k.user_id is null or m.user_id is not null) \
      """;

  private Principals() {}

  /** The principal of a key as it is now; null when that does not work, or there is none. */
  public static @Nullable Principal ofKey(Tx tx, String id) {
    return of(
        tx.sql()
            .fetchOne(
                "select " + COLUMNS + " from api_keys k" + JOIN + "where k.id = ? and" + VALID,
                id));
  }

  /** The principal of a key's row; null when there is no row. */
  public static @Nullable Principal of(@Nullable Record row) {
    return row == null ? null : from(row);
  }

  static Principal from(Record row) {
    String[] scopes = row.get("scopes", String[].class);
    String member = row.get("member_role", String.class);
    MemberRole standing = member == null ? null : MemberRole.of(member);
    return new Principal(
        new OrganizationId(row.get("org", String.class)),
        new KeyId(row.get("id", String.class)),
        role(row, standing),
        scopes == null ? null : Set.of(scopes),
        row.get("rate_limit_rpm", Integer.class),
        row.get("external_user_id", String.class),
        null,
        new Standing(
            row.get("user_id", String.class),
            standing,
            row.get("test_of", String.class) != null,
            limits(row.get("workspace_rpm", Integer.class), row.get("group_rpm", Integer.class)),
            row.get("workspace_id", String.class)));
  }

  /**
   * What a credential is trusted with: never with more than the person behind it, and a session,
   * which is that person, with no less either, whatever the role was when it was opened.
   */
  private static Role role(Record row, @Nullable MemberRole standing) {
    Role given = Role.of(row.get("role", String.class));
    if (standing == null) {
      return given;
    }
    boolean follows = row.get("kind", String.class).equals("session") || !standing.role().manages();
    return follows ? standing.role() : given;
  }

  private static Standing.RateLimits limits(@Nullable Integer workspace, @Nullable Integer group) {
    Standing.RateLimits usual = Standing.RateLimits.USUAL;
    return workspace == null && group == null
        ? usual
        : new Standing.RateLimits(workspace == null ? usual.workspace() : workspace, group);
  }
}

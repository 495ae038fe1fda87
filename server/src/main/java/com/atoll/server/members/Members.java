package com.atoll.server.members;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.MemberRole;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The members of an organization. An owner is among them as soon as anybody is. */
final class Members {
  private final Store store;
  private final KeyAuthenticator authenticator;
  private final MembershipEnd keys;

  Members(Store store, KeyAuthenticator authenticator, MembershipEnd keys) {
    this.store = store;
    this.authenticator = authenticator;
    this.keys = keys;
  }

  Page<MemberView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          long total = tx.sql().fetchSingle("select count(*) from members").get(0, Long.class);
          List<MemberView> rows =
              tx.sql()
                  .fetch(
                      "select"
                          + MemberView.COLUMNS
                          + "from members where cast(? as text) is null or user_id < ?"
                          + " order by user_id desc limit ? offset ?",
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(MemberView::of);
          return Page.of(rows, paging, total, MemberView::id);
        });
  }

  /** Makes an account a member that is none. Strangers are invited, and join when they accept. */
  MemberView add(Call call, Requests.Add asked) {
    Principal asking = call.principal();
    MemberRole role = role(asking, asked.role());
    Record account = known(asking, asked.userId());
    if (account == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "account " + asked.userId());
    }
    return store.transaction(
        asking,
        tx -> {
          int made = insert(tx, account, role, asking.standing().user());
          if (made == 0) {
            throw AtollException.of(ErrorCode.CONFLICT, "the account is a member already");
          }
          return MemberView.of(row(tx, asked.userId()));
        });
  }

  /**
   * An account of the caller's organization, or of one that the person behind the credential is in:
   * nobody learns of, or takes in, the people of others by their ids.
   */
  private @Nullable Record known(Principal asking, String account) {
    return store.findSystem(tx ->
        tx.sql()
            .fetchOne(
                """
                select a.id, a.email, a.name, a.avatar_url from accounts a
                where a.id = ? and exists (
                  select from members theirs where theirs.user_id = a.id and (theirs.org = ? or exists (
                    select from members own
                    where own.org = theirs.org and own.user_id = cast(? as text))))\
                """,
                account,
                asking.org().value(),
                asking.standing().user()));
  }

  static int insert(Tx tx, Record account, MemberRole role, @Nullable String by) {
    int made =
        tx.sql()
            .execute(
                """
                insert into members (org, user_id, email, name, avatar_url, role, added_by)
                values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing\
                """,
                tx.org().value(),
                account.get("id"),
                account.get("email"),
                account.get("name"),
                account.get("avatar_url"),
                role.wire(),
                by);
    if (made == 1) {
      tx.event(
          "member.added",
          "member",
          account.get("id", String.class),
          1,
          Map.of("role", role.wire()));
    }
    return made;
  }

  MemberView changeRole(Call call, Requests.Change asked) {
    Principal asking = call.principal();
    MemberRole role = role(asking, asked.role());
    return store.transaction(
        asking,
        tx -> {
          String id = call.path("member_id");
          MemberRole before = locked(tx, id);
          if (before == MemberRole.OWNER) {
            asking.requireOwner("an owner's role");
            requireAnotherOwner(tx, role == MemberRole.OWNER);
          }
          setRole(tx, id, role);
          return MemberView.of(row(tx, id));
        });
  }

  Answers.Deleted remove(Call call, String parameter) {
    Principal asking = call.principal();
    String id = call.path(parameter);
    boolean leaves = id.equals(asking.standing().user());
    if (!leaves) {
      asking.requireManager("the removal of a member");
    }
    store.execute(
        asking,
        tx -> {
          if (locked(tx, id) == MemberRole.OWNER) {
            asking.requireOwner("the removal of an owner");
            requireAnotherOwner(tx, false);
          }
          tx.sql().execute("delete from members where user_id = ?", id);
          tx.sql().execute("delete from api_keys where kind = 'session' and user_id = ?", id);
          keys.ends(tx, id);
          Invites.withdraw(tx, id);
          tx.event("member.removed", "member", id, Event.LAST, Map.of());
          tx.afterCommit(authenticator::forget);
        });
    endInTwin(asking.org(), id);
    return new Answers.Deleted(true);
  }

  /**
   * Ends the keys that a person has made with test keys. They lie in the test twin, where only the
   * system sees them from here, and without the membership they count for nothing meanwhile.
   */
  private void endInTwin(OrganizationId org, String person) {
    store.executeSystem(system -> {
      Record twin =
          system.sql().fetchOne("select org from organizations where test_of = ?", org.value());
      if (twin != null) {
        keys.ends(system.within(new OrganizationId(twin.get(0, String.class))), person);
      }
    });
  }

  Answers.Transferred transfer(Call call, Requests.Transfer asked) {
    Principal asking = call.principal();
    asking.requireOwner("the transfer of the ownership");
    return store.transaction(
        asking,
        tx -> {
          locked(tx, asked.newOwnerUserId());
          setRole(tx, asked.newOwnerUserId(), MemberRole.OWNER);
          String before = asking.standing().user();
          if (before != null && !before.equals(asked.newOwnerUserId())) {
            setRole(tx, before, MemberRole.ADMIN);
          }
          return new Answers.Transferred(tx.org().value(), asked.newOwnerUserId(), before);
        });
  }

  private void setRole(Tx tx, String id, MemberRole role) {
    long version =
        tx.sql()
            .fetchSingle(
                "update members set role = ?, version = version + 1 where user_id = ? returning version",
                role.wire(),
                id)
            .get(0, Long.class);
    tx.event("member.updated", "member", id, version, Map.of("role", role.wire()));
    tx.afterCommit(authenticator::forget);
  }

  /** The role that may be given: managers give roles, only owners that of an owner. */
  static MemberRole role(Principal asking, @Nullable String asked) {
    asking.requireManager("the roles of members");
    MemberRole role = asked == null ? MemberRole.MEMBER : MemberRole.of(asked);
    if (role == MemberRole.OWNER) {
      asking.requireOwner("the role of an owner");
    }
    return role;
  }

  private static void requireAnotherOwner(Tx tx, boolean stays) {
    int owners =
        tx.sql()
            .fetchSingle("select count(*) from members where role = 'owner'")
            .get(0, Integer.class);
    if (!stays && owners < 2) {
      throw AtollException.of(ErrorCode.LAST_OWNER);
    }
  }

  /** Members change one after the other, so that two owners cannot leave at the same time. */
  private static MemberRole locked(Tx tx, String id) {
    tx.sql().execute("select 1 from organizations where org = ? for update", tx.org().value());
    return MemberRole.of(row(tx, id).get("role", String.class));
  }

  private static Record row(Tx tx, String id) {
    Record row =
        tx.sql().fetchOne("select" + MemberView.COLUMNS + "from members where user_id = ?", id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "member " + id);
    }
    return row;
  }
}

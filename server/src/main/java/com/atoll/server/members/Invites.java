package com.atoll.server.members;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.MemberRole;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Invitations: a token that works once, for seven days, for the address that was invited. */
public final class Invites {
  private static final Duration LIFETIME = Duration.ofDays(7);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String WAITING = "accepted_at is null and revoked_at is null";

  private final Store store;

  /** The invitations of a store. */
  public Invites(Store store) {
    this.store = store;
  }

  Answers.InviteList list(Call call, @Nullable String workspace) {
    return store.transaction(
        call.principal(),
        tx -> {
          String inside = workspace == null ? null : WorkspaceReference.require(tx, workspace);
          List<InviteView> rows =
              tx.sql()
                  .fetch(
                      """
                      select * from invites where revoked_at is null
                        and workspace_id is not distinct from ? order by id desc limit 1000\
                      """,
                      inside)
                  .map(InviteView::of);
          return new Answers.InviteList(rows, rows.size());
        });
  }

  Answers.Invited create(Call call, Requests.Invite asked) {
    MemberRole role = Members.role(call.principal(), asked.role());
    return store.transaction(
        call.principal(),
        tx -> {
          if (isMember(tx, asked.email())) {
            throw AtollException.of(ErrorCode.CONFLICT, "the address is a member already");
          }
          Answers.Invited view = insert(tx, call, asked.email(), role, null);
          call.idempotentAnswer(tx, view, view.id());
          return view;
        });
  }

  static boolean isMember(Tx tx, String email) {
    return tx.sql().fetchOne("select 1 from members where email = ?", normal(email)) != null;
  }

  static Answers.Invited insert(
      Tx tx, Call call, String email, MemberRole role, @Nullable String workspace) {
    String id = Ids.next("inv");
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    // Letters and digits first: a token begins as every id in a path does.
    String token = "inv" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Instant ends = Instant.now().plus(LIFETIME);
    Principal asking = call.principal();
    String by = asking.standing().user() == null ? asking.key().value() : asking.standing().user();
    tx.sql()
        .execute(
            """
            insert into invites (id, org, workspace_id, email, role, hash, invited_by, expires_at)
            values (?, ?, ?, ?, ?, ?, ?, cast(? as timestamptz))\
            """,
            id,
            tx.org().value(),
            workspace,
            normal(email),
            role.wire(),
            hash(token),
            by,
            ends.atOffset(ZoneOffset.UTC));
    tx.event("invite.created", "invite", id, 1, Map.of("email", normal(email)));
    String kind = workspace == null ? "/invites/" : "/workspace-invites/";
    return new Answers.Invited(
        id,
        id,
        tx.org().value(),
        workspace,
        normal(email),
        role.wire(),
        "invited",
        ends,
        call.scheme() + "://" + call.host() + kind + token,
        token);
  }

  Answers.Revoked revoke(Call call, @Nullable String workspace) {
    return store.transaction(
        call.principal(),
        tx -> {
          String inside = workspace == null ? null : Workspace.managed(tx, call, workspace);
          if (workspace == null) {
            call.principal().requireManager("an invitation");
          }
          String id = call.path("invite_id");
          int revoked =
              tx.sql()
                  .execute(
                      "update invites set revoked_at = now() where id = ? and "
                          + WAITING
                          + " and workspace_id is not distinct from ?",
                      id,
                      inside);
          if (revoked == 0) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "invitation " + id);
          }
          tx.event("invite.revoked", "invite", id, 2, Map.of());
          return new Answers.Revoked(id, true);
        });
  }

  /** Takes back what a person has sent who is no member any more. */
  static void withdraw(Tx tx, String person) {
    tx.sql()
        .fetch(
            "update invites set revoked_at = now() where invited_by = ? and "
                + WAITING
                + " returning id",
            person)
        .getValues(0, String.class)
        .forEach(id -> tx.event("invite.revoked", "invite", id, 2, Map.of()));
  }

  Answers.Preview preview(Call call) {
    String token = call.rawPath("token");
    Record row =
        store.findSystem(tx ->
            tx.sql()
                .fetchOne(
                    """
                    select i.*, o.name as tenant_name, w.name as workspace_name from invites i
                      join organizations o on o.org = i.org
                      left join workspaces w on w.id = i.workspace_id
                    where i.hash = ?\
                    """,
                    (Object) hash(token)));
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "such invitation");
    }
    OffsetDateTime ends = row.get("expires_at", OffsetDateTime.class);
    return new Answers.Preview(
        row.get("tenant_name", String.class),
        row.get("workspace_name", String.class),
        row.get("email", String.class),
        row.get("role", String.class),
        ends.toInstant(),
        !ends.toInstant().isAfter(Instant.now()),
        row.get("revoked_at") != null,
        row.get("accepted_at") != null);
  }

  Answers.Accepted accept(Call call) {
    String user = call.principal().standing().user();
    if (user == null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "an invitation is accepted by a person who logged in");
    }
    return store.system(tx -> accept(tx, call.rawPath("token"), user));
  }

  /** Who is invited by a token that still works; locks it until the transaction ends. */
  public static String invited(Tx system, String token) {
    return waiting(system, token).get("email", String.class);
  }

  /**
   * Makes an account a member of what the token invites to.
   *
   * @param system a transaction that sees all organizations
   */
  public static Answers.Accepted accept(Tx system, String token, String user) {
    Record invite = waiting(system, token);
    Record account =
        system
            .sql()
            .fetchSingle("select id, email, name, avatar_url from accounts where id = ?", user);
    if (!account.get("email", String.class).equals(invite.get("email", String.class))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the invitation is for another address");
    }
    String org = invite.get("org", String.class);
    Tx tx = system.within(new OrganizationId(org));
    String workspace = invite.get("workspace_id", String.class);
    MemberRole role = MemberRole.of(invite.get("role", String.class));
    String by = invite.get("invited_by", String.class);
    Members.insert(tx, account, workspace == null ? role : lesser(role), by);
    if (workspace != null) {
      Workspace.add(tx, workspace, user, role, by);
    }
    tx.sql().execute("update invites set accepted_at = now() where id = ?", invite.get("id"));
    tx.event("invite.accepted", "invite", invite.get("id", String.class), 2, Map.of());
    return new Answers.Accepted(
        true, org, invite.get("tenant_name", String.class), workspace, role.wire());
  }

  /** Who manages a workspace is a plain member of the organization. */
  private static MemberRole lesser(MemberRole role) {
    return role.atLeast(MemberRole.MEMBER) ? MemberRole.MEMBER : role;
  }

  private static Record waiting(Tx system, String token) {
    Record row =
        system
            .sql()
            .fetchOne(
                """
                select i.*, o.name as tenant_name, i.expires_at <= now() as expired,
                  a.id is not null as of_person, m.role as sender_role
                from invites i
                  join organizations o on o.org = i.org
                  left join accounts a on a.id = i.invited_by
                  left join members m on m.org = coalesce(o.test_of, o.org) and m.user_id = a.id
                where i.hash = ? for update of i\
                """,
                (Object) hash(token));
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "such invitation");
    }
    if (row.get("accepted_at") != null) {
      throw AtollException.of(ErrorCode.INVITE_NOT_VALID, "it was accepted");
    }
    if (row.get("revoked_at") != null) {
      throw AtollException.of(ErrorCode.INVITE_NOT_VALID, "it was revoked");
    }
    if (row.get("expired", Boolean.class)) {
      throw AtollException.of(ErrorCode.INVITE_NOT_VALID, "its time is over");
    }
    if (row.get("of_person", Boolean.class) && !mayInvite(row)) {
      throw AtollException.of(ErrorCode.INVITE_NOT_VALID, "whoever sent it may not do so any more");
    }
    return row;
  }

  /** Whether the person who sent an invitation could send it now. */
  private static boolean mayInvite(Record invite) {
    String role = invite.get("sender_role", String.class);
    MemberRole sender = role == null ? MemberRole.VIEWER : MemberRole.of(role);
    boolean asOwner = MemberRole.of(invite.get("role", String.class)) == MemberRole.OWNER;
    return sender.role().manages() && (!asOwner || sender == MemberRole.OWNER);
  }

  /** An address as it is stored and compared. */
  public static String normal(String email) {
    return email.strip().toLowerCase(Locale.ROOT);
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

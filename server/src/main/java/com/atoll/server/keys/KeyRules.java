package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.MemberRole;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.identity.Networks;
import com.atoll.server.store.Tx;
import com.atoll.server.tokens.ScopeNames;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Who may make which key: nobody hands out more than they have. */
final class KeyRules {
  /** Requests in a minute of a key for which nobody has said how many. */
  static final int USUAL_RATE = 60;

  private final ScopeNames names;

  KeyRules(ScopeNames names) {
    this.names = names;
  }

  static Role role(Principal asking, @Nullable String type) {
    Role role =
        type == null || type.equals("live") || type.equals("test") ? Role.USER : Role.of(type);
    if (role.manages() && !asking.role().manages()) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "only an admin key makes admin and platform keys");
    }
    return role;
  }

  @Nullable List<String> scopes(Principal asking, @Nullable List<String> asked) {
    if (asked == null) {
      if (asking.scopes() != null) {
        return List.copyOf(asking.scopes());
      }
      return null;
    }
    names.require(asked);
    for (String scope : asked) {
      if (!asking.allows(scope)) {
        throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself lacks the scope " + scope);
      }
    }
    // A list that restricts nothing is what older clients send for "all".
    return asked.isEmpty() ? scopes(asking, null) : List.copyOf(asked);
  }

  /**
   * Refuses to change a key that may do more than who asks: its new secret, or its new bounds,
   * would be more than the asking key has.
   */
  static void requireAll(Principal asking, String @Nullable [] scopes) {
    List<String> held = scopes == null ? List.of("*") : List.of(scopes);
    if (asking.scopes() != null && !held.stream().allMatch(asking::allows)) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "the key has scopes that the asking credential lacks");
    }
  }

  /**
   * When a key ends that this credential makes or changes: a key that ends and does not manage
   * gives nobody, and itself neither, a longer life than its own. Sessions of persons end by
   * themselves, the keys that they make do not.
   *
   * @param asked when it shall end; null for as late as may be
   */
  static @Nullable Instant end(Tx tx, Principal asking, @Nullable Instant asked) {
    if (asking.role().manages()) {
      return asked;
    }
    Record row =
        tx.sql()
            .fetchOne(
                "select expires_at from api_keys where id = ? and kind = 'key'",
                asking.key().value());
    OffsetDateTime own = row == null ? null : row.get("expires_at", OffsetDateTime.class);
    if (own == null) {
      return asked;
    }
    if (asked != null && asked.isAfter(own.toInstant())) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself ends before");
    }
    return asked == null ? own.toInstant() : asked;
  }

  /**
   * Refuses to change a key that lives longer or may ask more often than the asking one, which does
   * not manage: with its new secret that would be its own life.
   */
  static void requireBounds(Tx tx, Principal asking, Record row) {
    if (asking.role().manages()) {
      return;
    }
    Record own =
        tx.sql()
            .fetchOne(
                "select expires_at from api_keys where id = ? and kind = 'key'",
                asking.key().value());
    if (own == null) {
      return;
    }
    OffsetDateTime end = own.get("expires_at", OffsetDateTime.class);
    OffsetDateTime held = row.get("expires_at", OffsetDateTime.class);
    if (end != null && (held == null || held.isAfter(end))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself ends before");
    }
    int rate = Math.max(USUAL_RATE, asking.requestsPerMinute());
    if (row.get("rate_limit_rpm", Integer.class) > rate) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself may ask less often");
    }
  }

  /**
   * Refuses the secret of a key that counts as the owner to who does not: an owner's, or one that
   * manages and belongs to the organization itself.
   */
  static void requireRank(Tx tx, Principal asking, Record row) {
    String person = row.get("user_id", String.class);
    boolean owner =
        person == null
            ? Role.of(row.get("role", String.class)).manages()
            : !person.equals(asking.standing().user())
                && tx.sql()
                        .fetchOne(
                            "select from members where user_id = ? and role = ?",
                            person,
                            MemberRole.OWNER.wire())
                    != null;
    if (owner) {
      asking.requireOwner("the secret of an owner's key");
    }
  }

  /** Whether a key belongs to the same person, or service account, or to neither, as the asking. */
  static boolean isOwn(Tx tx, Principal asking, Record row) {
    String id = row.get("id", String.class);
    if (id.equals(asking.key().value())) {
      return true;
    }
    Record own =
        tx.sql()
            .fetchOne("select service_account_id from api_keys where id = ?", asking.key().value());
    String account = own == null ? null : own.get("service_account_id", String.class);
    return Objects.equals(asking.standing().user(), row.get("user_id", String.class))
        && Objects.equals(account, row.get("service_account_id", String.class));
  }

  /**
   * Where a key may be used from that this credential makes or changes: one that is bound to
   * networks and does not manage gives nobody, and itself neither, others than its own.
   *
   * @param asked empty for as many as may be
   */
  static List<String> networks(Tx tx, Principal asking, List<String> asked) {
    List<String> own = own(tx, asking);
    if (own.isEmpty()) {
      return asked;
    }
    if (!Networks.of(own).contain(Networks.of(asked))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself is bound to other networks");
    }
    return asked.isEmpty() ? own : asked;
  }

  /** Refuses to change a key that may be used from where the asking one may not. */
  static void requireNetworks(Tx tx, Principal asking, String @Nullable [] networks) {
    List<String> own = own(tx, asking);
    List<String> held = networks == null ? List.of() : List.of(networks);
    if (!own.isEmpty() && (held.isEmpty() || !Networks.of(own).contain(Networks.of(held)))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the key itself is bound to other networks");
    }
  }

  /** The networks that a credential is bound to; none for one that manages. */
  private static List<String> own(Tx tx, Principal asking) {
    if (asking.role().manages()) {
      return List.of();
    }
    Record row =
        tx.sql().fetchOne("select allowed_ips from api_keys where id = ?", asking.key().value());
    String[] own = row == null ? null : row.get("allowed_ips", String[].class);
    return own == null ? List.of() : List.of(own);
  }

  static int requestsPerMinute(Principal asking, @Nullable Integer asked) {
    if (asked == null) {
      return USUAL_RATE;
    }
    asking.requireManager("rate_limit_rpm");
    return asked;
  }

  static void requireFuture(@Nullable Instant end) {
    if (end != null && !end.isAfter(Instant.now())) {
      throw AtollException.invalid("expires_at", "must be in the future");
    }
  }

  static List<String> networks(@Nullable List<String> asked) {
    if (asked == null) {
      return List.of();
    }
    Networks.of(asked);
    return List.copyOf(asked);
  }
}

package com.atoll.server.budgets;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** How much somebody may have; null for any number. */
record Quota(
    String org,
    Scope scope,
    String scopeId,
    @Nullable Integer maxSandboxes,
    @Nullable Integer maxConcurrent,
    @Nullable Integer maxStorageGb) {

  private static final String HAD =
      """
      select count(*) as n, count(*) filter (where state = 'running') as running,
        coalesce(sum(disk_size_mb), 0) + (select coalesce(sum(size_gb), 0) * 1024 from volumes
          where org = ? and {owner}) as storage
      from sandboxes where org = ? and state <> 'destroyed' and {subject}\
      """;

  /** What somebody has. */
  record Had(long sandboxes, long running, long storageMb) {}

  static Quota of(Record row) {
    return new Quota(
        row.get("org", String.class),
        Scope.of(row.get("scope", String.class)),
        row.get("scope_id", String.class),
        row.get("max_sandboxes", Integer.class),
        row.get("max_concurrent", Integer.class),
        row.get("max_storage_gb", Integer.class));
  }

  /** All of an organization. */
  static List<Quota> of(Tx tx, OrganizationId org) {
    return tx.sql()
        .fetch("select * from quotas where org = ? order by scope, scope_id", org.value())
        .map(Quota::of);
  }

  boolean covers(Sandbox sandbox, @Nullable String member) {
    return org.equals(sandbox.org().value())
        && scopeId.equals(scope == Scope.MEMBER ? member : scope.id(sandbox));
  }

  /** What its subject has now. */
  Had had(Tx tx) {
    return had(tx, org, scope, scopeId);
  }

  static Had had(Tx tx, String org, Scope scope, String scopeId) {
    String where = scope.condition();
    // Volumes are no member's.
    String owner = scope == Scope.MEMBER ? Scope.ORGANIZATION.condition() : where;
    String query = HAD.replace("{subject}", where).replace("{owner}", owner);
    Record row = tx.sql().fetchSingle(query, org, scopeId, org, scopeId);
    return new Had(
        row.get("n", Long.class), row.get("running", Long.class), row.get("storage", Long.class));
  }

  /** Waits for others who are about to use this quota; they wait for this transaction. */
  void lock(Tx tx) {
    tx.sql()
        .execute(
            "select pg_advisory_xact_lock(hashtextextended(?, 202))",
            org + ' ' + scope.wire() + ' ' + scopeId);
  }

  /** Refuses one more that would be too many. */
  void require(Had had, Sandbox next, boolean made) {
    if (made && maxSandboxes != null && had.sandboxes() >= maxSandboxes) {
      throw exceeded("max_sandboxes", maxSandboxes);
    }
    if (maxConcurrent != null && had.running() >= maxConcurrent) {
      if (scope == Scope.MEMBER) {
        throw AtollException.of(ErrorCode.MEMBER_LIMIT_REACHED, maxConcurrent)
            .detail("user_id", scopeId)
            .detail("max", maxConcurrent);
      }
      throw exceeded("max_concurrent", maxConcurrent);
    }
    if (made) {
      requireStorage(had, next.shape().diskMb());
    }
  }

  /** Refuses so much more disk when it would be too much. */
  void requireStorage(Had had, long moreMb) {
    if (maxStorageGb != null && had.storageMb() + moreMb > maxStorageGb * 1024L) {
      throw exceeded("max_storage_gb", maxStorageGb);
    }
  }

  private AtollException exceeded(String limit, int most) {
    String whose = scope == Scope.ORGANIZATION ? "the organization" : scope.words() + " " + scopeId;
    return AtollException.of(ErrorCode.QUOTA_EXCEEDED, limit + " of " + whose + " is " + most)
        .detail("limit", limit)
        .detail("scope", scope.wire())
        .detail("max", most);
  }
}

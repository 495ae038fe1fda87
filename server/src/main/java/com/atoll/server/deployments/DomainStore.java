package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Rows of custom domains. */
final class DomainStore {
  private final Store store;

  DomainStore(Store store) {
    this.store = store;
  }

  /**
   * Refuses a domain that another organization has, early; not inside a transaction, which would
   * hold one connection and wait for another. What happens in between, the index decides.
   */
  void requireFree(OrganizationId org, String fqdn) {
    boolean taken =
        store.system(all ->
            all.sql()
                    .fetchOne(
                        """
                        select 1 from custom_domains
                        where fqdn = ? and org <> ? and (verified_at is not null or trusted)\
                        """,
                        fqdn,
                        org.value())
                != null);
    if (taken) {
      throw DomainVerification.taken(fqdn);
    }
  }

  private static RuntimeException explained(DataAccessException failed, String fqdn) {
    return SqlFaults.isDuplicate(failed, "custom_domains_owner")
            || SqlFaults.isDuplicate(failed, "custom_domains_claim")
        ? DomainVerification.taken(fqdn)
        : failed;
  }

  void insert(Tx tx, Domain d) {
    try {
      tx.sql()
          .execute(
              """
              insert into custom_domains (id, org, workspace_id, deployment_id, fqdn,
                redirect_policy, status, external_workspace_id, external_user_id, external_project_id,
                token, trusted, created_at, updated_at)
              values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
              """,
              d.id(),
              d.org(),
              d.workspace(),
              d.deploymentId(),
              d.fqdn(),
              d.redirectPolicy(),
              d.status(),
              d.externalWorkspace(),
              d.externalUser(),
              d.externalProject(),
              d.token(),
              d.trusted(),
              d.createdAt(),
              d.updatedAt());
    } catch (DataAccessException e) {
      throw explained(e, d.fqdn());
    }
  }

  /** The row, locked; an error when it was removed meanwhile. */
  Domain locked(Tx tx, String id) {
    Record row = tx.sql().fetchOne("select * from custom_domains where id = ? for update", id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "domain " + id);
    }
    return Rows.domain(row);
  }

  /** Writes a check down. A proof that is no longer there no longer counts. */
  Domain checked(Tx tx, Domain before, String status, DomainProof.Finding finding) {
    try {
      return Rows.domain(
          tx.sql()
              .fetchSingle(
                  """
                  update custom_domains set status = ?, error = cast(? as text), checked_at = now(),
                    verified_at = case when not ? then verified_at
                      when ? then coalesce(verified_at, now()) end,
                    updated_at = case when status = ? then updated_at else now() end
                  where id = ? returning *\
                  """,
                  status,
                  finding.error(),
                  finding.answered(),
                  finding.owned(),
                  status,
                  before.id()));
    } catch (DataAccessException e) {
      throw explained(e, before.fqdn());
    }
  }

  Domain require(Tx tx, String reference) {
    Record row =
        tx.sql()
            .fetchOne(
                "select * from custom_domains where id = ? or fqdn = ?", reference, reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "domain " + reference);
    }
    return Rows.domain(row);
  }

  Domain require(Tx tx, String deployment, String reference) {
    Domain domain = require(tx, reference);
    if (!deployment.equals(domain.deploymentId())) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "domain " + reference);
    }
    return domain;
  }

  /**
   * Those that have all of these.
   *
   * @param wanted values by column; null for any
   */
  Page<Domain> list(Tx tx, Map<String, @Nullable String> wanted, Paging paging) {
    StringBuilder where = new StringBuilder("true");
    List<Object> values = new ArrayList<>();
    wanted.forEach((column, value) -> {
      if (value != null && !value.isEmpty()) {
        where.append(" and ").append(column).append(" = ?");
        values.add(value);
      }
    });
    return Pages.of(
        tx, "custom_domains", where.toString(), values, paging, Rows::domain, Domain::id);
  }

  List<String> hosts(Tx tx, String deployment) {
    return tx.sql()
        .fetch(
            """
            select fqdn from custom_domains
            where deployment_id = ? and (verified_at is not null or trusted) order by id\
            """,
            deployment)
        .map(row -> row.get(0, String.class));
  }

  void delete(Tx tx, String id) {
    tx.sql().execute("delete from custom_domains where id = ?", id);
  }
}

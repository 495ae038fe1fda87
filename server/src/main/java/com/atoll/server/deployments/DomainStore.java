package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Rows of custom domains. */
final class DomainStore {

  void insert(Tx tx, Domain d) {
    try {
      tx.sql()
          .execute(
              """
              insert into custom_domains (id, org, deployment_id, fqdn, redirect_policy, status,
                external_workspace_id, external_user_id, external_project_id, created_at, updated_at)
              values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
              """,
              d.id(),
              d.org(),
              d.deploymentId(),
              d.fqdn(),
              d.redirectPolicy(),
              d.status(),
              d.externalWorkspace(),
              d.externalUser(),
              d.externalProject(),
              d.createdAt(),
              d.updatedAt());
    } catch (DataAccessException e) {
      throw SqlFaults.isDuplicate(e, "custom_domains_fqdn")
          ? AtollException.of(ErrorCode.DOMAIN_TAKEN, d.fqdn())
          : e;
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
        .fetch("select fqdn from custom_domains where deployment_id = ? order by id", deployment)
        .map(row -> row.get(0, String.class));
  }

  void delete(Tx tx, String id) {
    tx.sql().execute("delete from custom_domains where id = ?", id);
  }
}

package com.atoll.server.usage;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import java.util.List;
import java.util.stream.Stream;

/** Compares sums by day and by month with the records that they are sums of. */
public final class Rollups {
  private static final String DIFFERENT =
      """
      with records as (
        select date_trunc('{part}', hour at time zone 'UTC')::date as at, dimension,
          coalesce(workspace_id, '') as w, coalesce(project_id, '') as p, coalesce(external_workspace_id, '') as ew,
          coalesce(external_user_id, '') as eu, coalesce(external_project_id, '') as ep,
          sum(quantity) as quantity, sum(cost_micros) as cost
        from usage_records where org = ? group by 1, 2, 3, 4, 5, 6, 7
      ), sums as (
        select {part} as at, dimension, workspace_id as w, project_id as p, external_workspace_id as ew,
          external_user_id as eu, external_project_id as ep, quantity::numeric, cost_micros::numeric as cost
        from usage_{part}s where org = ?
      ) (select 'record' as only, * from records except select 'record', * from sums)
      union all (select 'sum', * from sums except select 'sum', * from records)\
      """;

  private static final String WRONG_PLACES =
      """
      with days as (
        select day, dimension, workspace_id, project_id, sum(quantity) as quantity, sum(cost_micros) as cost
        from usage_days where org = ? group by 1, 2, 3, 4
      ), places as (
        select day, dimension, workspace_id, project_id, quantity::numeric, cost_micros::numeric as cost
        from usage_place_days where org = ?
      ) (select 'day' as only, * from days except select 'day', * from places)
      union all (select 'place', * from places except select 'place', * from days)\
      """;

  private Rollups() {}

  /** Sums that are not those of the records, and those that are missing; none when all is well. */
  public static List<String> differences(Store store, OrganizationId org) {
    return store.system(tx ->
        Stream.of(
                DIFFERENT.replace("{part}", "day"),
                DIFFERENT.replace("{part}", "month"),
                WRONG_PLACES)
            .flatMap(sql -> tx.sql().fetch(sql, org.value(), org.value()).stream())
            .map(Object::toString)
            .toList());
  }
}

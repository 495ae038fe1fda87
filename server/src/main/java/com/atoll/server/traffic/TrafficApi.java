package com.atoll.server.traffic;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.atoll.server.traffic.TrafficViews.ObservabilityView;
import com.atoll.server.traffic.TrafficViews.RequestLogView;
import com.atoll.server.traffic.TrafficViews.RouteTrafficView;
import com.atoll.server.traffic.TrafficViews.TrafficBucket;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Traffic of deployments over HTTP. */
final class TrafficApi {
  private static final int MOST_ROUTES = 500;

  /** Sums of rows by some columns, their durations class by class. */
  private static final String SUMS =
      """
      with rows as (
        select %1$s, requests, client_errors, server_errors, unlogged, received, sent, durations
        from deployment_traffic where deployment_id = ? and slot >= cast(? as timestamptz)
          and (cast(? as text) is null or version_id = ?) and (route <> '') = ?
      ), classes as (
        select %2$s, array_agg(n order by i) as durations from (
          select %2$s, i, sum(n) as n from rows, unnest(durations) with ordinality as u (n, i)
          group by %2$s, i) c
        group by %2$s
      )
      select %2$s, sum(requests) as requests, sum(client_errors) as client_errors,
        sum(server_errors) as server_errors, sum(unlogged) as unlogged, sum(received) as received,
        sum(sent) as sent, min(c.durations) as durations
      from rows join classes c using (%2$s) group by %2$s\
      """;

  private static final String BY_TIME =
      SUMS.formatted("date_bin(cast(? as interval), slot, 'epoch') as start", "start");
  private static final String BY_ROUTE =
      SUMS.formatted("method, route", "method, route")
          + " order by sum(requests) desc, method, route limit "
          + MOST_ROUTES;

  private final Store store;

  TrafficApi(Store store) {
    this.store = store;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        declare("request-logs", "request_logs", "Lists requests that were served, newest first.")
            .query("status", "Only this status, or those of a class, such as 404 or 5xx.")
            .query("method", "Only this method.")
            .query("path", "Only paths that begin so.")
            .query("host", "Only this host.")
            .query("version_id", "Only requests to this version.")
            .query("request_id", "Only the request with this x-request-id.")
            .query("since", "Only requests from this time on.")
            .query("until", "Only requests before this time.")
            .list(RequestLogView.class)
            .handle(this::requests),
        windowed(declare("observability", "observability", "Error rates and latencies over time."))
            .response(ObservabilityView.class, Envelope.DATA)
            .handle(this::observability),
        windowed(declare("routes", "routes", "Traffic by route, the busiest first."))
            .list(RouteTrafficView.class)
            .handle(this::routes));
  }

  private static OperationBuilder<NoBody, NoBody> declare(String path, String id, String summary) {
    return Operation.get("/deployments/:id/" + path)
        .id("deployments." + id)
        .summary(summary)
        .priority("P2")
        .scope("deployments:read")
        .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.INVALID_PARAM);
  }

  private static OperationBuilder<NoBody, NoBody> windowed(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .query("period", "1h, 6h, 24h (default) or 7d, up to now.")
        .query("version_id", "Only requests to this version.");
  }

  private static String deployment(Tx tx, String reference) {
    Record row =
        tx.sql()
            .fetchOne(
                """
                select id from deployments where deleted_at is null and (id = ? or slug = ?)
                order by id = ? desc limit 1\
                """,
                reference,
                reference,
                reference);
    if (row == null) {
      throw AtollException.of(ErrorCode.DEPLOYMENT_NOT_FOUND, reference);
    }
    return row.get(0, String.class);
  }

  private Page<RequestLogView> requests(Call call) {
    Requests requests = Requests.of(call);
    return store.transaction(
        call.principal(), tx -> requests.page(tx, deployment(tx, call.path("id")), call.paging()));
  }

  private ObservabilityView observability(Call call) {
    Window window = Window.of(call);
    String version = version(call);
    Map<Instant, Sums> sums = new HashMap<>();
    Sums all = new Sums();
    String deployment =
        store.transaction(
            call.principal(),
            tx -> {
              String id = deployment(tx, call.path("id"));
              tx.sql()
                  .fetch(
                      BY_TIME,
                      window.bucket().toSeconds() + " seconds",
                      id,
                      window.start().toString(),
                      version,
                      version,
                      false)
                  .forEach(row -> {
                    all.add(row);
                    sums.put(
                        row.get("start", OffsetDateTime.class).toInstant(), new Sums().add(row));
                  });
              return id;
            });
    List<TrafficBucket> buckets = new ArrayList<>();
    for (Instant start : window.starts()) {
      buckets.add(sums.getOrDefault(start, new Sums()).bucket(start));
    }
    return new ObservabilityView(
        deployment,
        version,
        window.name(),
        window.start(),
        window.end(),
        window.bucket().toSeconds(),
        all.requests,
        all.clientErrors,
        all.serverErrors,
        all.errorRate(),
        all.percentile(0.5),
        all.percentile(0.95),
        all.percentile(0.99),
        all.received,
        all.sent,
        all.unlogged,
        buckets);
  }

  private Page<RouteTrafficView> routes(Call call) {
    Window window = Window.of(call);
    String version = version(call);
    return store.transaction(
        call.principal(),
        tx ->
            Page.whole(
                tx.sql()
                    .fetch(
                        BY_ROUTE,
                        deployment(tx, call.path("id")),
                        window.start().toString(),
                        version,
                        version,
                        true)
                    .map(row ->
                        new Sums()
                            .add(row)
                            .route(
                                row.get("method", String.class), row.get("route", String.class)))));
  }

  private static @Nullable String version(Call call) {
    String version = call.query("version_id");
    return version == null || version.isEmpty() ? null : version;
  }
}

package com.atoll.server.traffic;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.http.Times;
import com.atoll.server.store.Tx;
import com.atoll.server.traffic.TrafficViews.RequestLogView;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Which requests of a deployment are asked for. */
final class Requests {
  private static final double MICROS_OF_A_MILLI = 1000;

  private final StringBuilder where = new StringBuilder("deployment_id = ?");
  private final List<Object> values = new ArrayList<>();

  private Requests() {}

  static Requests of(Call call) {
    Requests requests = new Requests();
    requests.status(call.query("status"));
    String method = call.query("method");
    requests.and("method = ?", method == null ? null : method.toUpperCase(Locale.ROOT));
    requests.and("starts_with(path, ?)", call.query("path"));
    requests.and("host = ?", call.query("host"));
    requests.and("version_id = ?", call.query("version_id"));
    requests.and("request_id = ?", call.query("request_id"));
    requests.and("at >= cast(? as timestamptz)", time(call, "since"));
    requests.and("at < cast(? as timestamptz)", time(call, "until"));
    return requests;
  }

  private void status(@Nullable String status) {
    if (status == null || status.isEmpty()) {
      return;
    }
    if (!status.matches("[1-5]([0-9]{2}|[xX]{2})")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "status");
    }
    boolean whole = status.toLowerCase(Locale.ROOT).endsWith("xx");
    where.append(whole ? " and status / 100 = ?" : " and status = ?");
    values.add(Integer.parseInt(whole ? status.substring(0, 1) : status));
  }

  private void and(String condition, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      where.append(" and ").append(condition);
      values.add(value);
    }
  }

  private static @Nullable String time(Call call, String name) {
    OffsetDateTime at = Times.of(name, call.query(name));
    return at == null ? null : at.toString();
  }

  Page<RequestLogView> page(Tx tx, String deployment, Paging paging) {
    values.addFirst(deployment);
    long total =
        tx.sql()
            .fetchSingle(
                "select count(*) from deployment_requests where " + where, values.toArray())
            .get(0, Long.class);
    if (paging.after() != null) {
      where.append(" and id < ?");
      values.add(paging.after());
    }
    values.add(paging.limit() + 1);
    values.add(paging.offset());
    List<RequestLogView> rows =
        tx.sql()
            .fetch(
                "select * from deployment_requests where "
                    + where
                    + " order by id desc limit ? offset ?",
                values.toArray())
            .map(Requests::view);
    return Page.of(rows, paging, total, RequestLogView::id);
  }

  private static RequestLogView view(Record row) {
    return new RequestLogView(
        row.get("id", String.class),
        row.get("deployment_id", String.class),
        row.get("version_id", String.class),
        row.get("at", OffsetDateTime.class).toInstant(),
        row.get("method", String.class),
        row.get("host", String.class),
        row.get("path", String.class),
        row.get("status", Integer.class),
        row.get("micros", Long.class) / MICROS_OF_A_MILLI,
        row.get("received", Long.class),
        row.get("sent", Long.class),
        row.get("client_ip", String.class),
        row.get("request_id", String.class));
  }
}

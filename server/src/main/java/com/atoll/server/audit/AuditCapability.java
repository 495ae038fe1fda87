package com.atoll.server.audit;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Store;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** The audit log over HTTP. */
public final class AuditCapability implements Capability {
  private static final String SCOPE = "audit:read";
  private static final String FROM =
      " from audit_log a left join audit_seals s on s.org = a.org and s.seq = a.seq where ";
  private static final String SELECT =
      "select s.position, encode(s.hash, 'hex') as hash, " + Entry.COLUMNS + FROM;

  private final Store store;
  private final Sealer sealer;

  /** The audit log of a store. */
  public AuditCapability(Store store) {
    this.store = store;
    sealer = new Sealer(store);
  }

  @Override
  public void start() {
    sealer.start();
  }

  @Override
  public void close() {
    sealer.close();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Filter.declare(
                Operation.get("/audit-log")
                    .id("audit.list")
                    .summary("Lists who did what to which resource, newest first.")
                    .priority("P2")
                    .scope(SCOPE)
                    .query("after", "Only entries older than this id.")
                    .query("before", "The same as after."))
            .list(EntryView.class)
            .handle(this::list),
        Operation.get("/audit-log/:id")
            .id("audit.get")
            .summary("Shows an entry of the audit log.")
            .priority("P4")
            .scope(SCOPE)
            .response(EntryView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND)
            .handle(this::get),
        Filter.declare(
                Operation.get("/audit-log/export")
                    .id("audit.export")
                    .summary(
                        "Exports the sealed audit log, oldest first, as lines of JSON or as CSV.")
                    .priority("P2")
                    .scope(SCOPE)
                    .query("format", "jsonl, or csv."))
            .raw("application/x-ndjson")
            .run(this::export));
  }

  private Page<EntryView> list(Call call) {
    Filter filter = Filter.of(call);
    Paging paging = call.paging();
    String after = paging.after();
    for (String name : List.of("after", "before")) {
      if (after == null) {
        after = call.query(name);
      }
    }
    Long below = after == null || after.isEmpty() ? null : number(after);
    return store.transaction(
        call.principal(),
        tx -> {
          // Counting a log that only grows would cost more than the page is worth.
          long total =
              tx.sql()
                  .fetchSingle(
                      "select count(*) from (select 1 from audit_log a where "
                          + filter.condition()
                          + " limit 10000) counted",
                      filter.values().toArray())
                  .get(0, Long.class);
          List<@Nullable Object> values = new ArrayList<>(filter.values());
          values.add(below);
          values.add(below);
          values.add(paging.limit() + 1);
          values.add(paging.offset());
          return Page.of(
              tx.sql()
                  .fetch(
                      SELECT
                          + filter.condition()
                          + " and (cast(? as bigint) is null or a.seq < ?)"
                          + " order by a.seq desc limit ? offset ?",
                      values.toArray())
                  .map(EntryView::of),
              paging,
              total,
              EntryView::id);
        });
  }

  private EntryView get(Call call) {
    String id = call.path("id");
    return store.transaction(
        call.principal(),
        tx -> {
          Record row = tx.sql().fetchOne(SELECT + "a.seq = ?", number(id));
          if (row == null) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "audit entry " + id);
          }
          return EntryView.of(row);
        });
  }

  private void export(Call call) throws IOException {
    String format = call.query("format");
    boolean table = "csv".equals(format);
    if (!table && format != null && !format.equals("jsonl")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "format");
    }
    Export export = new Export(store, call.principal(), Filter.of(call));
    sealer.seal();
    try (OutputStream out =
        new BufferedOutputStream(
            call.raw(
                table ? "text/csv; charset=utf-8" : "application/x-ndjson",
                OptionalLong.empty(),
                Map.of(
                    "Content-Disposition",
                    "attachment; filename=\"audit-log." + (table ? "csv" : "jsonl") + '"')),
            65_536)) {
      if (table) {
        export.table(out);
      } else {
        export.lines(out);
      }
    }
  }

  private static long number(String id) {
    try {
      String digits = id.startsWith("aud_") ? id.substring(4) : id;
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw AtollException.of(
          ErrorCode.INVALID_ID, '"' + id.substring(0, Math.min(40, id.length())) + '"');
    }
  }
}

package com.atoll.server.usage;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reports of what was used, by whatever they are asked for. */
final class UsageApi {
  private final Store store;
  private final Meter meter;

  UsageApi(Store store, Meter meter) {
    this.store = store;
    this.meter = meter;
  }

  /** The days of a report. */
  record Days(
      @Doc("The first day, its begin in UTC.") String start,
      @Doc("The last day, its begin in UTC.") String end) {}

  /** A report. */
  record Report(
      @Doc("The first day, its begin in UTC.") String periodStart,
      @Doc("The last day, its begin in UTC.") String periodEnd,
      @Doc("Rows.") List<UsageRow> results,
      @Doc("The same rows.") List<UsageRow> data,
      @Doc("The days it covers.") Days period,
      @Doc("Currency of all sums.") String currency) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        asked(Operation.get("/usage"))
            .id("usage.get")
            .summary("Reports what was used, by end user or by what group_by names.")
            .priority("P2")
            .response(Report.class, Envelope.FLAT)
            .handle(this::report),
        asked(Operation.get("/usage/export"))
            .id("usage.export")
            .summary("Reports what was used as CSV: a line for each row and dimension.")
            .priority("P3")
            .raw("text/csv")
            .run(call -> export(call)),
        period(Operation.get("/workspaces/:id/usage"))
            .id("usage.workspace")
            .summary("Reports what a workspace has used, by day.")
            .priority("P3")
            .anyScope()
            .errors(ErrorCode.NOT_FOUND, ErrorCode.INVALID_PARAM)
            .response(Report.class, Envelope.FLAT)
            .handle(this::workspace));
  }

  private static OperationBuilder<NoBody, NoBody> asked(OperationBuilder<NoBody, NoBody> declared) {
    return period(declared)
        .anyScope()
        .errors(ErrorCode.INVALID_PARAM)
        .query(
            "group_by",
            "One or more, separated by commas, of external_user_id (the default),"
                + " external_project_id, external_workspace_id, workspace_id, project_id, day."
                + " More than 50000 rows are refused.")
        .query("workspace_id", "Only that of this workspace.")
        .query("project_id", "Only that of this project.")
        .query("external_workspace_id", "Only that of this workspace of the customer.")
        .query("external_user_id", "Only that of this user of the customer.")
        .query("external_project_id", "Only that of this project of the customer.");
  }

  static OperationBuilder<NoBody, NoBody> period(OperationBuilder<NoBody, NoBody> declared) {
    return declared
        .query(
            "period", "7d or any number of days, month-to-date (the default), or a month: 2026-11.")
        .query("start", "First day, or a time in it; also called period_start.")
        .query("end", "Last day, or the time it ends before; also called period_end.");
  }

  private Report report(Call call) {
    return report(call, Group.of(call.query("group_by")), Filter.of(call));
  }

  private Report report(Call call, Set<Group> groups, Filter filter) {
    Period period = Period.of(call);
    List<UsageRow> rows = rows(call, period, groups, filter);
    String start = Reports.start(period.first());
    String end = Reports.start(period.last());
    return new Report(start, end, rows, rows, new Days(start, end), "usd");
  }

  private List<UsageRow> rows(Call call, Period period, Set<Group> groups, Filter filter) {
    meter.settleForReader(call.principal().org());
    return store.transaction(call.principal(), tx -> Reports.rows(tx, period, groups, filter));
  }

  private Report workspace(Call call) {
    String id = call.path("id");
    String found =
        store.find(
            call.principal(),
            tx ->
                tx.sql()
                    .fetchOptional("select id from workspaces where id = ? or slug = ?", id, id)
                    .map(row -> row.get(0, String.class))
                    .orElse(null));
    if (found == null) {
      throw com.atoll.model.AtollException.of(ErrorCode.NOT_FOUND, "workspace " + id);
    }
    return report(call, Set.of(Group.DAY), Filter.workspace(call, found));
  }

  private void export(Call call) throws IOException {
    Set<Group> groups = Group.of(call.query("group_by"));
    List<UsageRow> rows = rows(call, Period.of(call), groups, Filter.of(call));
    StringBuilder text = new StringBuilder();
    groups.forEach(group -> text.append(group.column()).append(','));
    text.append("dimension,quantity,unit,usd\r\n");
    for (UsageRow row : rows) {
      for (UsageRow.LineItem item : row.lineItems()) {
        groups.forEach(group -> text.append(quoted(key(row, group))).append(','));
        text.append(item.dimension())
            .append(',')
            .append(number(item.qty()))
            .append(',')
            .append(item.unit())
            .append(',')
            .append(number(item.usd()))
            .append("\r\n");
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers =
        Map.of("Content-Disposition", "attachment; filename=\"usage.csv\"");
    try (OutputStream out =
        call.raw("text/csv; charset=utf-8", OptionalLong.of(bytes.length), headers)) {
      out.write(bytes);
    }
  }

  static @Nullable String key(UsageRow row, Group group) {
    return switch (group) {
      case EXTERNAL_USER_ID -> row.externalUserId();
      case EXTERNAL_PROJECT_ID -> row.externalProjectId();
      case EXTERNAL_WORKSPACE_ID -> row.externalWorkspaceId();
      case WORKSPACE_ID -> row.workspaceId();
      case PROJECT_ID -> row.projectId();
      case DAY -> row.day();
    };
  }

  private static String number(double value) {
    return new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  /** A cell that no spreadsheet takes for a formula and no parser for two cells. */
  static String quoted(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return "";
    }
    String harmless = "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    return '"' + harmless.replace("\"", "\"\"") + '"';
  }
}

package com.atoll.server.audit;

import com.atoll.model.Principal;
import com.atoll.server.http.Json;
import com.atoll.server.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The sealed log, oldest first, read page by page so that it may be of any size. */
final class Export {
  private static final int PAGE = 1_000;
  private static final List<String> COLUMNS =
      List.of(
          "position",
          "id",
          "created_at",
          "action",
          "resource_type",
          "resource_id",
          "actor_type",
          "actor_id",
          "actor_chain",
          "operation",
          "ip_address",
          "client",
          "request_id",
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id",
          "metadata",
          "previous_hash",
          "hash");

  private final Store store;
  private final Principal principal;
  private final Filter filter;

  Export(Store store, Principal principal, Filter filter) {
    this.store = store;
    this.principal = principal;
    this.filter = filter;
  }

  /** Lines of JSON: the entry as it is hashed, its position, the hash before it and its own. */
  void lines(OutputStream out) throws IOException {
    each(link -> write(out, Json.MAPPER.writeValueAsString(link)));
  }

  /** Comma-separated values with a head. */
  void table(OutputStream out) throws IOException {
    write(out, String.join(",", COLUMNS));
    each(link -> write(out, row(link)));
  }

  private interface Line {
    void write(ObjectNode link) throws IOException;
  }

  private void each(Line line) throws IOException {
    long from = 0;
    List<Record> page = page(from);
    while (!page.isEmpty()) {
      for (Record row : page) {
        line.write(link(row));
        from = row.get("position", Long.class);
      }
      page = page.size() < PAGE ? List.of() : page(from);
    }
  }

  private List<Record> page(long from) {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(Entry.NOTHING);
    values.add(from);
    values.addAll(filter.values());
    values.add(PAGE);
    // Who sees only a part of the log has no use for the gaps.
    boolean confined = principal.externalUser() != null;
    return store.transaction(
        principal,
        tx ->
            List.copyOf(
                tx.sql()
                    .fetch(
                        "select s.position, s.hash, coalesce(p.hash, ?) as previous, "
                            + Entry.COLUMNS
                            + """

                            from audit_seals s
                            %s audit_log a on a.org = s.org and a.seq = s.seq
                            left join audit_seals p on p.org = s.org and p.position = s.position - 1
                            where s.position > ? and\
                            """
                                .formatted(confined ? "join" : "left join")
                            + " "
                            + filter.condition()
                            + " order by s.position limit ?",
                        values.toArray())));
  }

  private static ObjectNode link(Record row) {
    ObjectNode link = Json.MAPPER.createObjectNode();
    // A seal whose entry is gone shows the gap: whoever verifies finds it.
    boolean gone = row.get("org", String.class) == null;
    link.set("entry", gone ? Json.MAPPER.nullNode() : Entry.of(row));
    link.put("position", row.get("position", Long.class));
    link.put("previous_hash", HexFormat.of().formatHex(row.get("previous", byte[].class)));
    link.put("hash", HexFormat.of().formatHex(row.get("hash", byte[].class)));
    return link;
  }

  private static String row(ObjectNode link) {
    List<String> cells = new ArrayList<>();
    for (String column : COLUMNS) {
      JsonNode value = link.has(column) ? link.get(column) : link.path("entry").path(column);
      cells.add(cell(value));
    }
    return String.join(",", cells);
  }

  private static String cell(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    String text = value.isContainer() ? Json.MAPPER.writeValueAsString(value) : value.asString();
    // A text that a spreadsheet would run as a formula is shown as a text.
    String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    return '"' + safe.replace("\"", "\"\"") + '"';
  }

  private static void write(OutputStream out, String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }
}

package com.atoll.server.audit;

import com.atoll.server.http.Call;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Times;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which entries are asked for: a condition and its values. */
record Filter(String condition, List<@Nullable Object> values) {
  private static final Map<String, String> EQUAL = equal();

  private static Map<String, String> equal() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("actor_id", "actor_id");
    columns.put("actor_type", "actor_type");
    columns.put("action", "action");
    columns.put("type", "action");
    columns.put("resource", "resource_type");
    columns.put("resource_type", "resource_type");
    columns.put("resource_id", "resource_id");
    columns.put("workspace_id", "workspace_id");
    columns.put("project_id", "project_id");
    columns.put("external_workspace_id", "external_workspace_id");
    columns.put("external_user_id", "external_user_id");
    columns.put("external_project_id", "external_project_id");
    columns.put("request_id", "request_id");
    return columns;
  }

  static <Q, R> OperationBuilder<Q, R> declare(OperationBuilder<Q, R> operation) {
    return operation
        .query("actor_id", "Only what this credential did, or a token that it delegated to.")
        .query("actor_type", "Only what this kind of actor did: api_key, token, user, system.")
        .query(
            "action",
            "Only this action, or what came of this operation; a star at its end stands for anything.")
        .query("type", "The same as action.")
        .query("resource", "The same as resource_type.")
        .query("resource_type", "Only what was done to this kind of resource.")
        .query("resource_id", "Only what was done to this resource.")
        .query("workspace_id", "Only what belongs to this workspace.")
        .query("project_id", "Only what belongs to this project.")
        .query("external_workspace_id", "Only entries with this attribution.")
        .query("external_user_id", "Only entries with this attribution.")
        .query("external_project_id", "Only entries with this attribution.")
        .query("request_id", "Only what this request did.")
        .query("since", "Only entries from this time on, ISO 8601.")
        .query("until", "Only entries before this time, ISO 8601.");
  }

  static Filter of(Call call) {
    StringBuilder condition = new StringBuilder("true");
    List<@Nullable Object> values = new ArrayList<>();
    EQUAL.forEach((name, column) -> {
      String value = call.query(name);
      if (value == null || value.isEmpty()) {
        return;
      }
      if (column.equals("actor_id")) {
        condition.append(" and (a.actor_id = ? or ? = any(a.actor_chain))");
        values.add(value);
        values.add(value);
      } else if (column.equals("action")) {
        boolean open = value.endsWith("*");
        String text = open ? value.substring(0, value.length() - 1) : value;
        condition.append(
            open
                ? " and (starts_with(a.action, ?) or starts_with(a.operation, ?))"
                : " and (a.action = ? or a.operation = ?)");
        values.add(text);
        values.add(text);
      } else {
        condition.append(" and a.").append(column).append(" = ?");
        values.add(value);
      }
    });
    time(call, "since", " and a.at >= cast(? as timestamptz)", condition, values);
    time(call, "until", " and a.at < cast(? as timestamptz)", condition, values);
    return new Filter(condition.toString(), values);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  private static void time(
      Call call,
      String name,
      String clause,
      StringBuilder condition,
      List<@Nullable Object> values) {
    OffsetDateTime at = Times.of(name, call.query(name));
    if (at != null) {
      values.add(at);
      condition.append(clause);
    }
  }
}

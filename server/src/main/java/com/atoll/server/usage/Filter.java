package com.atoll.server.usage;

import com.atoll.server.http.Call;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/**
 * Whose use a report is about.
 *
 * @param owners what each of these columns is; empty for all of an organization
 */
record Filter(Map<String, String> owners) {
  static final Filter ALL = new Filter(Map.of());

  private static final List<String> COLUMNS =
      List.of(
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id");

  /** The owners that a call asks for; who is confined to an end user asks for no other. */
  static Filter of(Call call) {
    Map<String, String> owners = new TreeMap<>();
    for (String name : COLUMNS) {
      String value = call.query(name);
      if (value != null && !value.isEmpty()) {
        owners.put(name, value);
      }
    }
    return new Filter(owners).confined(call);
  }

  static Filter workspace(Call call, String id) {
    return new Filter(new TreeMap<>(Map.of("workspace_id", id))).confined(call);
  }

  private Filter confined(Call call) {
    String user = call.principal().externalUser();
    if (user != null) {
      owners.putIfAbsent("external_user_id", user);
    }
    return this;
  }

  /** Whether it names anything that is the customer's. */
  boolean isOfCustomers() {
    return owners.keySet().stream().anyMatch(name -> name.startsWith("external_"));
  }

  Condition condition() {
    Condition all = DSL.noCondition();
    for (Map.Entry<String, String> owner : owners.entrySet()) {
      all = all.and(DSL.condition(owner.getKey() + " = ?", owner.getValue()));
    }
    return all;
  }
}

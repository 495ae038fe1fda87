package com.atoll.server.projects;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Owned;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Variables that the services of a project share, per environment; sealed at rest. */
final class Variables {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final int LONGEST = 32 << 10;
  private static final int MOST = 1000;
  private static final int SHOWN = 4;
  private static final String FIELD = "value";

  private final Store store;
  private final Vault vault;

  Variables(Store store, Vault vault) {
    this.store = store;
    this.vault = vault;
  }

  Page<Views.VariableView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, false);
          Projects.requireOwn(tx, call, project);
          Environments.ensure(tx, project);
          return list(tx, Environments.row(tx, project, call.query("env")));
        });
  }

  private Page<Views.VariableView> list(Tx tx, Record environment) {
    String slug = environment.get("slug", String.class);
    return Page.whole(
        tx.sql()
            .fetch(
                "select * from project_variables where environment_id = ? order by name",
                environment.get("id", String.class))
            .map(row -> view(tx, row, slug)));
  }

  private Views.VariableView view(Tx tx, Record row, String environment) {
    String value = open(tx, row);
    // Only of a long value a few characters tell nothing.
    String end = value.length() >= 4 * SHOWN ? value.substring(value.length() - SHOWN) : "";
    return new Views.VariableView(
        row.get("name", String.class), "••••" + end, environment, Views.time(row, "updated_at"));
  }

  Page<Views.VariableView> set(Call call, Views.Variables asked) {
    Map<String, @Nullable String> wished = wished(asked.variables());
    wished.forEach(Variables::check);
    return store.transaction(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, true);
          Environments.ensure(tx, project);
          Record environment =
              Environments.row(tx, project, asked.env() == null ? call.query("env") : asked.env());
          String id = environment.get("id", String.class);
          wished.forEach((name, value) -> put(tx, project, id, name, value));
          int count =
              tx.sql()
                  .fetchSingle(
                      "select count(*) from project_variables where environment_id = ?", id)
                  .get(0, Integer.class);
          if (count > MOST) {
            throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " variables");
          }
          tell(tx, project, id);
          return list(tx, environment);
        });
  }

  /** Clients send a map of values, or a list of objects. */
  private static Map<String, @Nullable String> wished(JsonNode sent) {
    Map<String, @Nullable String> wished = new LinkedHashMap<>();
    if (sent.size() > MOST) {
      throw AtollException.invalid("variables", "must be at most " + MOST);
    }
    if (sent.isArray()) {
      sent.forEach(item -> wished.put(item.path("name").asString(""), text(item.path("value"))));
    } else if (sent.isObject()) {
      sent.properties().forEach(entry -> wished.put(entry.getKey(), text(entry.getValue())));
    } else {
      throw AtollException.invalid("variables", "must be a map or a list of objects");
    }
    return wished;
  }

  private static @Nullable String text(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return null;
    }
    if (!value.isString() || value.asString().indexOf('\0') >= 0) {
      throw AtollException.invalid("variables", "must have values that are strings");
    }
    return value.asString();
  }

  private static void check(String name, @Nullable String value) {
    if (!NAME.matcher(name).matches()) {
      throw AtollException.invalid(
          "variables", "has a name that is not of letters, digits and underscores");
    }
    if (value != null && value.length() > LONGEST) {
      throw AtollException.invalid("variables", "has a value longer than " + LONGEST);
    }
  }

  void delete(Call call) {
    String name = call.rawPath("name");
    check(name, null);
    store.execute(
        call.principal(),
        tx -> {
          String project = Projects.id(tx, call, true);
          Environments.ensure(tx, project);
          String id = Environments.row(tx, project, call.query("env")).get("id", String.class);
          int gone =
              tx.sql()
                  .execute(
                      "delete from project_variables where environment_id = ? and name = ?",
                      id,
                      name);
          if (gone == 0) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "variable " + name);
          }
          tell(tx, project, id);
        });
  }

  private void put(Tx tx, String project, String environment, String name, @Nullable String value) {
    if (value == null) {
      tx.sql()
          .execute(
              "delete from project_variables where environment_id = ? and name = ?",
              environment,
              name);
      return;
    }
    byte[] plain = value.getBytes(StandardCharsets.UTF_8);
    tx.sql()
        .execute(
            """
            insert into project_variables (org, project_id, environment_id, name, value)
            values (?, ?, ?, ?, ?) on conflict (environment_id, name)
              do update set value = excluded.value, updated_at = now()\
            """,
            tx.org().value(),
            project,
            environment,
            name,
            vault.seal(tx, environment + "/" + name, FIELD, plain));
  }

  private String open(Tx tx, Record row) {
    String resource = row.get("environment_id", String.class) + "/" + row.get("name", String.class);
    return new String(
        vault.open(tx, resource, FIELD, row.get("value", byte[].class)), StandardCharsets.UTF_8);
  }

  Map<String, String> values(Tx tx, String environment) {
    Map<String, String> values = new TreeMap<>();
    tx.sql()
        .fetch("select * from project_variables where environment_id = ?", environment)
        .forEach(row -> values.put(row.get("name", String.class), open(tx, row)));
    return values;
  }

  /** Sets these; the others stay. */
  void set(Tx tx, String project, String environment, Map<String, String> values) {
    if (!values.isEmpty()) {
      values.forEach((name, value) -> put(tx, project, environment, name, value));
      tell(tx, project, environment);
    }
  }

  void copy(Tx tx, String project, String from, String to) {
    values(tx, from).forEach((name, value) -> put(tx, project, to, name, value));
  }

  Views.Synced sync(Tx tx, String project, String from, String to, boolean apply) {
    Map<String, String> theirs = values(tx, from);
    Map<String, String> ours = values(tx, to);
    List<String> added = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    theirs.forEach((name, value) -> {
      String own = ours.get(name);
      if (own == null) {
        added.add(name);
      } else if (!own.equals(value)) {
        changed.add(name);
      }
      if (apply && !value.equals(own)) {
        put(tx, project, to, name, value);
      }
    });
    List<String> kept = ours.keySet().stream().filter(name -> !theirs.containsKey(name)).toList();
    return new Views.Synced(added, changed, kept, apply);
  }

  private static void tell(Tx tx, String project, String environment) {
    tx.event(
        Owned.PROJECT.event(
            tx,
            project,
            "project.variables.updated",
            "project",
            project,
            System.currentTimeMillis(),
            Map.of("environment_id", environment)));
  }
}

package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;

/** Named lists of scopes: some that everybody has, and those that an organization keeps. */
final class Presets {
  private static final List<PresetView> BUILT_IN =
      List.of(
          builtIn(
              "read-only",
              "Sees everything of sandboxes, volumes, deployments and projects, and changes nothing.",
              "sandboxes:read",
              "volumes:read",
              "deployments:read",
              "projects:read"),
          builtIn("sandboxes", "Makes and uses sandboxes, as an agent does.", "sandboxes:*"),
          builtIn(
              "deploy",
              "Builds in sandboxes and publishes, as a pipeline does.",
              "sandboxes:*",
              "deployments:*"),
          builtIn(
              "developer",
              "Works with everything but keys, people and money.",
              "sandboxes:*",
              "volumes:*",
              "deployments:*",
              "projects:*",
              "env:*",
              "egress:*"));

  private final Store store;
  private final KeyRules rules;

  Presets(Store store, KeyRules rules) {
    this.store = store;
    this.rules = rules;
  }

  Page<PresetView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx ->
            Page.whole(
                Stream.concat(
                        BUILT_IN.stream(),
                        tx
                            .sql()
                            .fetch(
                                "select name, scopes, description, created_at from key_presets"
                                    + " order by name limit 1000")
                            .map(Presets::view)
                            .stream())
                    .toList()));
  }

  PresetView create(Call call, NewPreset asked) {
    rules.scopes(call.principal(), asked.scopes());
    if (isBuiltIn(asked.name())) {
      throw AtollException.of(ErrorCode.NAME_TAKEN, asked.name());
    }
    try {
      return store.transaction(
          call.principal(),
          tx ->
              view(
                  tx.sql()
                      .fetchSingle(
                          """
                          insert into key_presets (org, name, scopes, description) values (?, ?, ?, ?)
                          returning name, scopes, description, created_at\
                          """,
                          tx.org().value(),
                          asked.name(),
                          asked.scopes().toArray(String[]::new),
                          asked.description())));
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "key_presets_pkey")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, asked.name());
      }
      throw e;
    }
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          String name = call.rawPath("name");
          if (isBuiltIn(name)) {
            throw AtollException.of(ErrorCode.FORBIDDEN, "deleting what everybody has");
          }
          if (tx.sql().execute("delete from key_presets where name = ?", name) == 0) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "preset of that name");
          }
        });
  }

  private static PresetView builtIn(String name, String description, String... scopes) {
    return new PresetView(name, List.of(scopes), description, true, null);
  }

  private static boolean isBuiltIn(String name) {
    return BUILT_IN.stream().anyMatch(preset -> preset.name().equals(name));
  }

  private static PresetView view(Record row) {
    return new PresetView(
        row.get("name", String.class),
        List.of(row.get("scopes", String[].class)),
        row.get("description", String.class),
        false,
        row.get("created_at", OffsetDateTime.class).toInstant());
  }
}

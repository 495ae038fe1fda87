package com.atoll.server.keys;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import java.time.OffsetDateTime;
import java.util.List;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;

/** Named lists of scopes. */
final class Presets {
  private final Store store;

  Presets(Store store) {
    this.store = store;
  }

  Page<PresetView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx ->
            Page.whole(
                tx.sql()
                    .fetch(
                        "select name, scopes, description, created_at from key_presets order by name limit 1000")
                    .map(Presets::view)));
  }

  PresetView create(Call call, NewPreset asked) {
    KeyRules.scopes(call.principal(), asked.scopes());
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
          if (tx.sql().execute("delete from key_presets where name = ?", name) == 0) {
            throw AtollException.of(ErrorCode.NOT_FOUND, "preset of that name");
          }
        });
  }

  private static PresetView view(Record row) {
    return new PresetView(
        row.get("name", String.class),
        List.of(row.get("scopes", String[].class)),
        row.get("description", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant());
  }
}

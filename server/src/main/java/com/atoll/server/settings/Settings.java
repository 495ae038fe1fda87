package com.atoll.server.settings;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.node.ObjectNode;

/** The settings and the branding of an organization: one row. */
final class Settings {
  private static final int LARGEST = 64 << 10;

  private final Store store;

  Settings(Store store) {
    this.store = store;
  }

  Views.SettingsView get(Call call) {
    return store.transaction(call.principal(), tx -> view(tx, row(tx)));
  }

  /** Lays settings over those that are there; null removes one. */
  Views.SettingsView set(Call call, Views.NewSettings asked) {
    call.principal().requireManager("a setting");
    Map<String, @Nullable Object> wished = asked.settings();
    if (wished == null) {
      wished = flat(call.json());
    }
    Map<String, @Nullable Object> changes = wished;
    return store.transaction(
        call.principal(),
        tx -> {
          Map<String, Object> all = new HashMap<>(read(row(tx)));
          changes.forEach((name, value) -> put(all, name, value));
          String json = Json.MAPPER.writeValueAsString(all);
          if (json.length() > LARGEST) {
            throw AtollException.invalid(
                "settings", "must together be at most " + LARGEST + " bytes of JSON");
          }
          tx.sql()
              .execute(
                  "update organization_settings set settings = cast(? as jsonb), updated_at = now()",
                  json);
          tell(tx, "settings.updated");
          return view(tx, row(tx));
        });
  }

  private static Map<String, @Nullable Object> flat(ObjectNode json) {
    ObjectNode wrapped = Json.MAPPER.createObjectNode();
    wrapped.set("settings", json);
    Map<String, @Nullable Object> settings = Json.bind(Views.NewSettings.class, wrapped).settings();
    return settings == null ? Map.of() : settings;
  }

  private static void put(Map<String, Object> all, String name, @Nullable Object value) {
    if (value == null) {
      all.remove(name);
    } else {
      all.put(name, value);
    }
  }

  Views.BrandingView branding(Call call) {
    return store.transaction(call.principal(), tx -> brandingView(row(tx)));
  }

  Views.BrandingView brand(Call call, Views.NewBranding asked) {
    call.principal().requireManager("the branding");
    Views.Branding branding = asked.branding() == null ? asked.flat() : asked.branding();
    return store.transaction(
        call.principal(),
        tx -> {
          row(tx);
          tx.sql()
              .execute(
                  "update organization_settings set branding = cast(? as jsonb), branding_at = now()",
                  Json.MAPPER.writeValueAsString(branding));
          tell(tx, "branding.updated");
          return brandingView(row(tx));
        });
  }

  void clearBranding(Call call) {
    call.principal().requireManager("the branding");
    store.execute(
        call.principal(),
        tx -> {
          tx.sql().execute("update organization_settings set branding = null, branding_at = null");
          tell(tx, "branding.deleted");
        });
  }

  private static void tell(Tx tx, String what) {
    tx.event(what, "organization", tx.org().value(), System.currentTimeMillis(), Map.of());
  }

  /** The row of the organization, locked; row-level security leaves no other one. */
  private static Record row(Tx tx) {
    tx.sql()
        .execute(
            "insert into organization_settings (org) values (?) on conflict do nothing",
            tx.org().value());
    return tx.sql()
        .fetchSingle(
            """
            select cast(settings as text) as settings, cast(branding as text) as branding, branding_at,
              updated_at from organization_settings where org = ? for update\
            """,
            tx.org().value());
  }

  private static Map<String, Object> read(Record row) {
    return Json.MAPPER.readValue(row.get("settings", String.class), new TypeReference<>() {});
  }

  private static Views.SettingsView view(Tx tx, Record row) {
    String org = tx.org().value();
    Instant at = row.get("updated_at", OffsetDateTime.class).toInstant();
    return new Views.SettingsView(org, org, read(row), at);
  }

  private static Views.BrandingView brandingView(Record row) {
    String branding = row.get("branding", String.class);
    OffsetDateTime at = row.get("branding_at", OffsetDateTime.class);
    return new Views.BrandingView(
        branding == null
            ? Views.Branding.NONE
            : Json.MAPPER.readValue(branding, Views.Branding.class),
        at == null ? null : at.toInstant());
  }
}

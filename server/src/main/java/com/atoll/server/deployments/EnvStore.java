package com.atoll.server.deployments;

import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The environment of deployments; values are sealed and never shown again. */
final class EnvStore {
  private static final int SHOWN_FROM = 12;
  private final Vault vault;

  EnvStore(Vault vault) {
    this.vault = vault;
  }

  /** A variable without its value. */
  record Entry(String key, String preview, String environment, OffsetDateTime updatedAt) {}

  void put(Tx tx, String deployment, String environment, String key, String value) {
    tx.sql()
        .execute(
            """
            insert into deployment_env (org, deployment_id, environment, key, value, preview)
            values (?, ?, ?, ?, ?, ?)
            on conflict (deployment_id, environment, key) do update
              set value = excluded.value, preview = excluded.preview, updated_at = now()\
            """,
            tx.org().value(),
            deployment,
            environment,
            key,
            vault.seal(
                tx, deployment, field(environment, key), value.getBytes(StandardCharsets.UTF_8)),
            preview(value));
  }

  boolean remove(Tx tx, String deployment, String environment, String key) {
    return tx.sql()
            .execute(
                "delete from deployment_env where deployment_id = ? and environment = ? and key = ?",
                deployment,
                environment,
                key)
        > 0;
  }

  List<Entry> list(Tx tx, String deployment, String environment) {
    return tx.sql()
        .fetch(
            """
            select key, preview, environment, updated_at from deployment_env
            where deployment_id = ? and environment = ? order by key\
            """,
            deployment,
            environment)
        .map(row ->
            new Entry(
                Rows.text(row, "key"),
                Rows.text(row, "preview"),
                Rows.text(row, "environment"),
                row.get("updated_at", OffsetDateTime.class)));
  }

  /** The values, for a process that is about to start. */
  Map<String, String> open(Tx tx, String deployment, String environment) {
    Map<String, String> values = new TreeMap<>();
    tx.sql()
        .fetch(
            "select key, value from deployment_env where deployment_id = ? and environment = ?",
            deployment,
            environment)
        .forEach(row -> {
          String key = Rows.text(row, "key");
          byte[] sealed = row.get("value", byte[].class);
          values.put(
              key,
              new String(
                  vault.open(tx, deployment, field(environment, key), sealed),
                  StandardCharsets.UTF_8));
        });
    return values;
  }

  private static String field(String environment, String key) {
    return "env/" + environment + "/" + key;
  }

  /** Two characters of a long value; a short one would be given away by them. */
  static String preview(String value) {
    return value.length() < SHOWN_FROM ? "••••" : value.substring(0, 2) + "••••";
  }
}

package com.atoll.server.sandboxes;

import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Environments as they are stored: only ever sealed. */
final class Envs {
  private static final String FIELD = "env";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Vault vault;
  private final SandboxStore table;

  Envs(Vault vault, SandboxStore table) {
    this.vault = vault;
    this.table = table;
  }

  /** That of a sandbox. */
  Env of(Tx tx, String id) {
    return open(tx, id, table.env(tx, id));
  }

  /**
   * What is stored of one.
   *
   * @param id of the sandbox or snapshot that has it
   * @return null for an empty one
   */
  byte @Nullable [] seal(Tx tx, String id, Env env) {
    return env.values().isEmpty()
        ? null
        : vault.seal(tx, id, FIELD, JSON.writeValueAsString(env).getBytes(StandardCharsets.UTF_8));
  }

  /** What {@link #seal} was given. */
  Env open(Tx tx, String id, byte @Nullable [] sealed) {
    return sealed == null
        ? Env.EMPTY
        : JSON.readValue(vault.open(tx, id, FIELD, sealed), Env.class);
  }
}

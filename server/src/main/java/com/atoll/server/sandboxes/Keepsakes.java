package com.atoll.server.sandboxes;

import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** What forks have of their sources besides files: kept beside snapshots, or as it is now. */
final class Keepsakes {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;
  private final Envs envs;
  private final SandboxPorts ports;
  private final Guards guards;
  private final SandboxServices services;
  private final OriginStore origins = new OriginStore();

  Keepsakes(Store store, Envs envs, SandboxPorts ports, Guards guards, SandboxServices services) {
    this.store = store;
    this.envs = envs;
    this.ports = ports;
    this.guards = guards;
    this.services = services;
  }

  /** The ports of a sandbox that are not open to everybody. */
  List<KeptPort> withheld(Sandbox sandbox) {
    return ports.of(sandbox.id()).withheld();
  }

  /**
   * Keeps environment and services of a sandbox beside a snapshot of it, in the transaction of the
   * caller.
   *
   * @param withheld its ports that are not open to everybody
   */
  void keep(Tx tx, Sandbox sandbox, String snapshotId, List<KeptPort> withheld) {
    Env env = envs.of(tx, sandbox.id()).copied();
    keep(tx, snapshotId, new Kept(env, guards.kept(sandbox), withheld));
    services.keep(tx, sandbox.id(), snapshotId);
  }

  /** Keeps this beside a snapshot, in the transaction of the caller. */
  void keep(Tx tx, String snapshotId, Kept kept) {
    byte[] sealed = envs.seal(tx, snapshotId, kept.env());
    if (kept.egress() != null) {
      guards.check(kept.egress());
    }
    String withheld = kept.ports().isEmpty() ? null : JSON.writeValueAsString(kept.ports());
    if (sealed != null || kept.egress() != null || withheld != null) {
      origins.keep(tx, snapshotId, new OriginStore.Kept(sealed, kept.egress(), withheld));
    }
  }

  /** What was kept beside a snapshot. */
  Kept kept(Sandbox sandbox, String snapshotId) {
    return store.transaction(sandbox.org(), tx -> kept(tx, snapshotId));
  }

  Kept kept(Tx tx, String snapshotId) {
    OriginStore.Kept stored = origins.kept(tx, snapshotId);
    String withheld = stored.ports();
    return new Kept(
        envs.open(tx, snapshotId, stored.env()),
        stored.egress(),
        withheld == null ? List.of() : List.of(JSON.readValue(withheld, KeptPort[].class)));
  }

  /** What a sandbox has now. */
  Kept now(Sandbox sandbox) {
    Env env = store.transaction(sandbox.org(), tx -> envs.of(tx, sandbox.id()));
    return new Kept(env.copied(), guards.kept(sandbox), withheld(sandbox));
  }
}

package com.atoll.server.previews;

import com.atoll.server.sandboxes.Ports;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Tells gateways which ports are exposed and private, after each change. */
final class PortsOfSandboxes {
  private static final String SELECT =
      """
      select sandbox_id, port, false as restricted from exposed_ports
        where cast(? as text) is null or sandbox_id = ?
      union all
      select p.sandbox_id, p.port, p.visibility = 'private' from previews p
          join sandboxes s on s.id = p.sandbox_id
        where p.deleted_at is null and s.state <> 'destroyed'
          and (cast(? as text) is null or p.sandbox_id = ?)
      union all
      select sandbox_id, 9222, true from browser_epochs
        where cast(? as text) is null or sandbox_id = ?
      """;

  private final Store store;
  private final Sandboxes sandboxes;

  PortsOfSandboxes(Store store, Sandboxes sandboxes) {
    this.store = store;
    this.sandboxes = sandboxes;
  }

  /** Tells those of all sandboxes. */
  synchronized void load() {
    read(null).forEach(sandboxes::ports);
  }

  /** Tells those of one sandbox, as committed: whoever comes last tells the newest. */
  synchronized void publish(String sandboxId) {
    sandboxes.ports(sandboxId, read(sandboxId).getOrDefault(sandboxId, Ports.NONE));
  }

  private Map<String, Ports> read(@Nullable String id) {
    Map<String, Ports> all = new HashMap<>();
    store.executeSystem(tx -> {
      for (Record row : tx.sql().fetch(SELECT, id, id, id, id, id, id)) {
        int port = row.get("port", Integer.class);
        boolean restricted = row.get("restricted", Boolean.class);
        all.merge(
            row.get("sandbox_id", String.class),
            new Ports(Set.of(port), restricted ? Set.of(port) : Set.of()),
            PortsOfSandboxes::join);
      }
    });
    return all;
  }

  private static Ports join(Ports one, Ports other) {
    Set<Integer> exposed = new HashSet<>(one.exposed());
    exposed.addAll(other.exposed());
    Set<Integer> restricted = new HashSet<>(one.restricted());
    restricted.addAll(other.restricted());
    return new Ports(exposed, restricted);
  }
}

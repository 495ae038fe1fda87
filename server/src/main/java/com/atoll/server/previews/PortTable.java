package com.atoll.server.previews;

import com.atoll.server.sandboxes.KeptPort;
import com.atoll.server.sandboxes.Ports;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.SandboxPorts;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What rows say of the ports of sandboxes. */
final class PortTable implements SandboxPorts {
  /** A port that leads to a browser inside is private as soon as somebody was let to it. */
  private static final String BROWSERS =
      """
      select sandbox_id from browser_epochs
        where cast(? as text) is null or sandbox_id = ?\
      """;

  private static final String WITHHOLD =
      """
      insert into withheld_ports (sandbox_id, org, port, closes_at)
      select ?, ?, k.port,
        case when k.since > extract(epoch from now()) * 1000
          then to_timestamp(k.since / 1000.0) end
      from unnest(cast(? as int[]), cast(? as bigint[])) as k (port, since)\
      """;

  private final Store store;

  PortTable(Store store) {
    this.store = store;
  }

  @Override
  public Ports of(String sandboxId) {
    return read(sandboxId).getOrDefault(sandboxId, Ports.NONE);
  }

  @Override
  public void withhold(Tx tx, Sandbox sandbox, List<KeptPort> ports) {
    if (!ports.isEmpty()) {
      tx.sql()
          .execute(
              WITHHOLD,
              sandbox.id(),
              tx.org().value(),
              ports.stream().map(KeptPort::port).toArray(Integer[]::new),
              ports.stream().map(KeptPort::fromUnixMs).toArray(Long[]::new));
    }
  }

  /** Those of all living sandboxes of which something is said, or of one. */
  Map<String, Ports> read(@Nullable String id) {
    Map<String, Said> all = new HashMap<>();
    store.executeSystem(tx -> {
      for (Record row : tx.sql().fetch(PortHistory.SELECT, id, id, id, id, id, id)) {
        said(all, row).port(row.get("port", Integer.class), PortHistory.read(row));
      }
      for (Record row : tx.sql().fetch(BROWSERS, id, id)) {
        said(all, row).browser();
      }
    });
    Map<String, Ports> ports = new HashMap<>();
    all.forEach((sandboxId, said) -> ports.put(sandboxId, said.ports()));
    return ports;
  }

  private static Said said(Map<String, Said> all, Record row) {
    return all.computeIfAbsent(row.get("sandbox_id", String.class), key -> new Said());
  }

  /** What is known of the ports of one sandbox. */
  private static final class Said {
    private final Set<Integer> exposed = new HashSet<>();
    private final Set<Integer> restricted = new HashSet<>();
    private final Map<Integer, Ports.Closing> closing = new HashMap<>();

    void port(int port, PortHistory history) {
      if (history.isExposed()) {
        exposed.add(port);
      }
      if (history.isRestricted()) {
        restricted.add(port);
      }
      Ports.Closing end = history.closing();
      if (end != null) {
        closing.put(port, end);
      }
    }

    void browser() {
      exposed.add(BrowserApi.PORT);
      restricted.add(BrowserApi.PORT);
      closing.remove(BrowserApi.PORT);
    }

    Ports ports() {
      return new Ports(Set.copyOf(exposed), Set.copyOf(restricted), Map.copyOf(closing));
    }
  }
}

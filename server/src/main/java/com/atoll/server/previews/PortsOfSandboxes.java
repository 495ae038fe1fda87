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
  /** A port that leads to a browser inside is private as soon as somebody was let to it. */
  private static final String BROWSERS =
      """
      select sandbox_id from browser_epochs
        where cast(? as text) is null or sandbox_id = ?\
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
    Map<String, Said> all = new HashMap<>();
    store.executeSystem(tx -> {
      for (Record row : tx.sql().fetch(PortHistory.SELECT, id, id, id, id)) {
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

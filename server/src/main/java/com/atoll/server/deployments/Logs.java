package com.atoll.server.deployments;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.EventStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What versions write. A node keeps it as one text; following it means asking again. */
final class Logs implements AutoCloseable {
  private static final int WINDOW = 1000;
  private static final int ANCHOR = 20;
  private static final long LOOK_MS = 1_000;

  private final Tables tables;
  private final Fleet fleet;
  private final CountDownLatch closed = new CountDownLatch(1);

  Logs(Tables tables, Fleet fleet) {
    this.tables = tables;
    this.fleet = fleet;
  }

  /** The last lines of what serves, or of what failed last. */
  String tail(Deployment deployment, int lines) {
    OrganizationId org = deployment.owner().org();
    Version version =
        tables
            .store()
            .find(
                org,
                tx -> {
                  String active = deployment.activeVersion();
                  return active == null
                      ? tables.versions().newestOrNull(tx, deployment.id())
                      : tables.versions().byId(tx, active);
                });
    if (version == null) {
      return "";
    }
    String run = version.kind() == Kind.STATIC ? "" : ofVersion(org, version.id(), lines);
    return run.isEmpty() ? last(version.buildLog(), lines) : run;
  }

  String ofVersion(OrganizationId org, String version, int lines) {
    com.atoll.server.deployments.Instance newest =
        tables.store().find(org, tx -> tables.instances().newest(tx, version));
    return newest == null ? "" : ofInstance(newest.id(), lines);
  }

  String ofInstance(@Nullable String id, int lines) {
    return fleet.tail(id, lines);
  }

  /** Sends what is there, then what comes, until the client leaves. */
  void follow(Deployment deployment, int lines, EventStream events) {
    List<String> sent = tail(deployment, lines).lines().toList();
    sent.forEach(line -> send(events, line));
    while (!waited()) {
      Deployment now =
          tables
              .store()
              .find(deployment.owner().org(), tx -> tables.deployments().byId(tx, deployment.id()));
      if (now == null || now.deleted()) {
        return;
      }
      List<String> window = tail(now, WINDOW).lines().toList();
      List<String> fresh = after(sent, window);
      fresh.forEach(line -> send(events, line));
      sent = window;
    }
  }

  /** The lines of a window that come after those that were seen. */
  static List<String> after(List<String> seen, List<String> window) {
    List<String> anchor = seen.subList(Math.max(0, seen.size() - ANCHOR), seen.size());
    if (anchor.isEmpty()) {
      return window;
    }
    for (int end = window.size(); end >= anchor.size(); end--) {
      if (window.subList(end - anchor.size(), end).equals(anchor)) {
        return window.subList(end, window.size());
      }
    }
    return window;
  }

  private static void send(EventStream events, String line) {
    events.send(
        "stdout", Map.of("data", line + "\n", "line", line, "timestamp", Instant.now().toString()));
  }

  private static String last(String text, int lines) {
    List<String> all = text.lines().toList();
    return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }

  private boolean waited() {
    try {
      return closed.await(LOOK_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}

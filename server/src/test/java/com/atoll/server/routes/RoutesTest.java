package com.atoll.server.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RoutesTest {
  private static Route route(String key, String hostOf) {
    return new Route.Stopped(key, List.of(hostOf), "dep_1");
  }

  @Test
  void aLateChangeDoesNotReplaceANewerOneNorBringARemovedOneBack() {
    Routes routes = new Routes();
    routes.put(route("a", "new"), 5);
    routes.put(route("a", "old"), 4);
    assertEquals(route("a", "new"), routes.get("a"));
    routes.remove("a", 6);
    routes.put(route("a", "late"), 5);
    assertNull(routes.get("a"));
    routes.put(route("a", "again"), 7);
    assertNotNull(routes.get("a"));
  }

  @Test
  void aFollowerHearsWhatFollowsItsSnapshotAndNothingTwice() {
    Routes routes = new Routes();
    routes.put(route("a", "1"), 1);
    List<Routes.Change> heard = new ArrayList<>();
    Routes.Snapshot snapshot = routes.follow(heard::add, follower -> {});
    routes.put(route("b", "2"), 1);
    routes.put(route("b", "2"), 2);
    routes.remove("a", 2);
    assertEquals(List.of(route("a", "1")), snapshot.routes());
    assertEquals(2, heard.size());
    assertEquals(snapshot.version() + 1, heard.getFirst().version());
    assertNull(heard.getLast().route());
  }

  @Test
  void nobodyIsWaitedForWhenNoGatewayEverCame() throws Exception {
    Routes routes = new Routes();
    long version = routes.put(route("a", "1"), 1);
    assertTrue(routes.awaitAcknowledged(version, Duration.ZERO));
  }

  @Test
  void aChangeIsAcknowledgedWhenEveryGatewayDid() throws Exception {
    Routes routes = new Routes();
    List<Routes.Follower> followers = new ArrayList<>();
    routes.follow(change -> {}, followers::add);
    routes.follow(change -> {}, followers::add);
    long version = routes.put(route("a", "1"), 1);
    routes.acknowledge(followers.getFirst(), version);
    assertFalse(routes.awaitAcknowledged(version, Duration.ofMillis(5)));
    routes.acknowledge(followers.getLast(), version);
    assertTrue(routes.awaitAcknowledged(version, Duration.ofMillis(5)));
  }
}

package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.node.v1.Guard;
import com.atoll.node.v1.Workload;
import com.atoll.server.routes.Route;
import com.atoll.server.routes.Routes;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What gateways hear of a sandbox first. */
final class DirectoryTest {
  private static final int PORT = 8099;

  private static final int DECLARED = 3000;

  private boolean away;
  private final Routes routes = new Routes();
  private final List<String> asked = new ArrayList<>();
  private final Directory directory =
      new Directory(
          routes,
          template -> DECLARED,
          new NoGuards(),
          new SandboxPorts() {
            @Override
            public Ports of(String sandboxId) {
              assertTrue(asked.contains(sandboxId) || route(sandboxId) == null);
              asked.add(sandboxId);
              if (away) {
                throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
              }
              return new Ports(Set.of(), Set.of(PORT), Map.of());
            }

            @Override
            public void withhold(Tx tx, Sandbox sandbox, List<KeptPort> ports) {
              throw new UnsupportedOperationException();
            }
          });

  @Test
  void theFirstRouteOfAForkHasThePortsThatItTookOver() {
    Sandbox fork = sandbox("sbx_source");
    directory.put(fork);
    assertEquals(List.of(PORT), privatePorts(fork));
    directory.put(fork.at("10.0.0.9", 2, null, 0));
    assertEquals(List.of(PORT), privatePorts(fork));
    assertEquals(List.of(fork.id()), asked);
  }

  @Test
  void ofAnyOtherSandboxNothingIsAsked() {
    Sandbox sandbox = sandbox(null);
    directory.put(sandbox);
    assertEquals(List.of(), privatePorts(sandbox));
    assertEquals(List.of(), asked);
  }

  @Test
  void aForkWhosePortsCannotBeAskedForIsKnownAndClosedUntilTheyAre() {
    away = true;
    Sandbox fork = sandbox("sbx_source");
    directory.put(fork);
    assertEquals(fork, directory.byId(fork.id()).orElseThrow());
    assertEquals(List.of(true, List.of()), open(fork));
    directory.askAgain();
    assertEquals(List.of(true, List.of()), open(fork));
    away = false;
    directory.askAgain();
    assertEquals(List.of(false, List.of(DECLARED)), open(fork));
    assertEquals(List.of(PORT), privatePorts(fork));
    directory.askAgain();
    assertEquals(3, asked.size());
  }

  private List<Object> open(Sandbox sandbox) {
    Route.Sandbox route = route(sandbox.id());
    return route == null ? List.of() : List.of(route.declaredOnly(), route.exposed());
  }

  @Test
  void whatIsOpenInsideIsSaidOfThoseThatAre() {
    Sandbox open = sandbox(null);
    Sandbox other = sandbox(null);
    directory.openInside(sandbox -> sandbox.id().equals(open.id()));
    directory.put(open);
    directory.put(other);
    assertEquals(true, isOpenInside(open));
    assertEquals(false, isOpenInside(other));
  }

  private @Nullable Boolean isOpenInside(Sandbox sandbox) {
    return routes.get(Directory.key(sandbox.id())) instanceof Route.Sandbox route
        ? route.loopback()
        : null;
  }

  private List<Integer> privatePorts(Sandbox sandbox) {
    Route.Sandbox route = route(sandbox.id());
    return route == null ? List.of() : route.restricted();
  }

  private Route.@Nullable Sandbox route(String id) {
    return routes.get(Directory.key(id)) instanceof Route.Sandbox route ? route : null;
  }

  private static Sandbox sandbox(@Nullable String sourceId) {
    return new Sandbox(
        SandboxId.next().value(),
        OrganizationId.next(),
        Slugs.next(),
        "one",
        SandboxState.RUNNING,
        1,
        "miosa-sandbox",
        Shape.resolve(null, null, null, null),
        "container",
        new Sandbox.Owner("key", "wsp", null, null, "prj", null, null, null, null, null),
        true,
        false,
        0,
        0,
        null,
        Map.of(),
        List.of(),
        sourceId,
        null,
        null,
        null,
        "10.0.0.8",
        1,
        0,
        Planner.now(),
        Planner.now(),
        Planner.now(),
        Planner.now(),
        null,
        null);
  }

  /** Nothing is held back of anybody. */
  private static final class NoGuards implements Guards {
    @Override
    public Guard claim(Sandbox sandbox) {
      return Guard.getDefaultInstance();
    }

    @Override
    public @Nullable String kept(Sandbox sandbox) {
      return null;
    }

    @Override
    public void check(String kept) {}

    @Override
    public void begin(Sandbox sandbox, @Nullable String kept, @Nullable NetworkWish wish) {}

    @Override
    public void insert(Tx tx, Sandbox sandbox) {}

    @Override
    public void settle(Sandbox sandbox) {}

    @Override
    public void claimed(Sandbox sandbox) {}

    @Override
    public void changed(Sandbox sandbox) {}

    @Override
    public void ended(Sandbox sandbox) {}

    @Override
    public void seen(Workload workload) {}
  }
}

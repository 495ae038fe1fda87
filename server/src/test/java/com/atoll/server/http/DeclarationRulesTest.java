package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeclarationRulesTest {
  record Undescribed(String name) {}

  record Described(@Doc("Its name.") String name) {}

  @Test
  void everyBreachIsToldAtOnce() {
    Operation<?, ?> broken =
        Operation.post("/things/:id")
            .id("things")
            .summary("no sentence")
            .request(Undescribed.class)
            .response(Described.class, Envelope.FLAT)
            .handle((call, body) -> new Described(body.name()));
    BrokenDeclarationsException e =
        assertThrows(BrokenDeclarationsException.class, () -> Registry.of(List.of(broken, broken)));
    String all = String.join("\n", e.breaches());
    for (String breach :
        List.of(
            "area.name",
            "sentence",
            "scope",
            "P1 to P4",
            "idempotency",
            "Undescribed.name has no description",
            "used twice",
            "declared twice")) {
      assertTrue(all.contains(breach), breach + " is not in\n" + all);
    }
  }

  @Test
  void aLiteralSegmentGoesBeforeAParameter() {
    Routes routes = new Routes();
    Operation<?, ?> byId = read("/things/:id", "things.get");
    Operation<?, ?> special = read("/things/special", "things.special");
    Operation<?, ?> below = read("/things/:id/parts/*path", "things.parts");
    routes.add(byId);
    routes.add(special);
    routes.add(below);
    assertEquals(special, operation(routes, "things", "special"));
    assertEquals(byId, operation(routes, "things", "other"));
    Routes.Match match = routes.find(List.of("things", "a", "parts", "x", "y"));
    assertTrue(match != null);
    assertEquals("x/y", match.parameters().get("path"));
    assertEquals("a", match.parameters().get("id"));
  }

  @Test
  void aWebSocketActsUnlessItIsSaidToTellOnly() {
    assertTrue(socket().run(call -> {}).declaration().acts());
    assertFalse(socket().readOnly().run(call -> {}).declaration().acts());
    assertFalse(read("/things", "things.list").declaration().acts());
    assertTrue(Operation.post("/things").run(call -> {}).declaration().acts());
    assertTrue(Operation.post("/things").readOnly().run(call -> {}).declaration().acts());
    assertFalse(Operation.post("/things").reads().run(call -> {}).declaration().acts());
  }

  private static OperationBuilder<NoBody, NoBody> socket() {
    return Operation.get("/things/:id/socket").webSocket();
  }

  private static Operation<?, ?> operation(Routes routes, String... segments) {
    Routes.Match match = routes.find(List.of(segments));
    if (match == null) {
      throw new AssertionError("no route");
    }
    Operation<?, ?> found = match.operation(Method.GET);
    if (found == null) {
      throw new AssertionError("no operation");
    }
    return found;
  }

  private static Operation<?, ?> read(String path, String id) {
    return Operation.get(path)
        .id(id)
        .summary("Reads.")
        .priority("P1")
        .anyScope()
        .response(Described.class, Envelope.FLAT)
        .handle(call -> new Described("x"));
  }
}

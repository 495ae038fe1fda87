package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Walks every operation of the registry with a second organization's key and the first one's ids.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrossTenantScenarioTest {
  private final Given given = new Given();
  private Possessions mine;
  private Registry registry;

  @BeforeAll
  void ownEverything() {
    mine = new Possessions(given);
    registry = new Registry(given.api, mine);
  }

  @AfterAll
  void release() {
    mine.close();
  }

  @Test
  void nothingOfAnotherOrganizationIsReadOrChanged() {
    walk(given.stranger);
  }

  @Test
  void aTestKeyReadsAndChangesNothingThatIsLive() {
    walk(mine.members().testKey());
  }

  private void walk(Api stranger) {
    Reply before = given.api.get(mine.sandbox().at(""));
    List<String> breaches = new ArrayList<>();
    int walked = 0;
    for (Registry.Route route : registry.routes()) {
      String path = registry.filled(route.path());
      if (path.equals(route.path()) || path.contains("{")) {
        continue;
      }
      walked++;
      Reply reply =
          route.method().equals("GET") || route.method().equals("DELETE")
              ? stranger.send(
                  route.method(),
                  path + "?path=/workspace/serve.py",
                  BodyPublishers.noBody(),
                  Map.of())
              : stranger.json(
                  route.method(), path + "?path=/workspace/stolen", registry.body(path), Map.of());
      boolean hidden = reply.status() == 404 || reply.status() == 501;
      boolean upgrade = reply.status() == 426 || reply.status() == 400;
      if (!hidden && !(upgrade && path.matches(".*/(stream|tunnel|terminal|ssh-tunnel).*"))) {
        breaches.add(reply.toString());
      }
    }
    int count = walked;
    assertTrue(count > 50, () -> "only " + count + " operations with an id were walked");
    assertEquals(List.of(), breaches);
    Reply after = given.api.get(mine.sandbox().at("")).expect(200);
    assertEquals(before.string("state"), after.string("state"));
    assertEquals(before.string("name"), after.string("name"));
    given.api.get(mine.deployment().at("")).expect(200);
    given.api.get("/named-snapshots/" + mine.id("named-snapshots")).expect(200);
    assertEquals("mine", given.api.page(mine.deployment().url()).text());
  }

  @Test
  void listsOfAnotherOrganizationShowNothing() {
    lists(given.stranger);
  }

  @Test
  void listsOfATestKeyShowNothingThatIsLive() {
    lists(mine.members().testKey());
  }

  private void lists(Api stranger) {
    List<String> breaches = new ArrayList<>();
    for (Registry.Route route : registry.routes()) {
      if (!route.method().equals("GET")
          || route.path().contains("{")
          || route.path().contains("stream")
          || route.path().contains("docs")) {
        continue;
      }
      String text = stranger.get(route.path()).text();
      for (String kind :
          List.of(
              "sandboxes",
              "deployments",
              "api-keys",
              "workspaces",
              "projects",
              "snapshots",
              "webhooks",
              "mcp-servers",
              "event-subscriptions",
              "volumes",
              "sandbox-templates")) {
        if (text.contains(mine.id(kind))) {
          breaches.add(route.path() + " shows " + kind);
        }
      }
    }
    assertEquals(List.of(), breaches);
  }

  @Test
  void foreignIdsInBodiesAreRefused() {
    Reply publish =
        given.stranger.post("/deployments", Map.of("name", Given.unique("theirs"))).expect(201);
    String theirs = publish.json().path("data").path("id").asString();
    Reply stolen =
        given.stranger.post(
            "/deployments/" + theirs + "/publish",
            Map.of("source_sandbox_id", mine.sandbox().id()));
    assertTrue(Set.of(404, 409, 422).contains(stolen.status()), stolen::toString);
    Map<String, Object> theirVolumes =
        Map.of("volumes", List.of(Map.of("volume_id", mine.id("volumes"))));
    given.stranger.post("/sandboxes", theirVolumes).expectFieldError("volumes[0].volume_id");
    try (Sandbox other =
        new Sandbox(
            given.stranger,
            given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id"),
            "theirs")) {
      given
          .stranger
          .post(other.at("/volumes"), Map.of("volume_id", mine.id("volumes")))
          .expectError(404, "NOT_FOUND");
    }
    Reply filter = given.stranger.get("/sandboxes?workspace_id=" + mine.id("workspaces"));
    assertTrue(!filter.text().contains(mine.sandbox().id()));
    given.stranger.delete("/deployments/" + theirs);
  }
}

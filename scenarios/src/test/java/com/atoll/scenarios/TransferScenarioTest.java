package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Resources that go to another workspace, and a workspace that is cleaned up. */
@Tag("fast")
@Tag("all")
@Timeout(120)
final class TransferScenarioTest {
  private final Given given = new Given();

  private String workspace() {
    return given.api.post("/workspaces", Map.of("name", Given.unique("space"))).string("id");
  }

  private Reply transfer(String from, String to, List<String> ids) {
    return given.api.post(
        "/workspaces/" + from + "/transfer",
        Map.of("resource_ids", ids, "target_workspace_id", to));
  }

  private JsonNode inventory(String workspace) {
    return given.api
        .get("/workspaces/" + workspace + "/inventory")
        .expect(200)
        .json()
        .path("data");
  }

  private String volume(String workspace) {
    Map<String, Object> wish =
        Map.of("name", Given.unique("data"), "size_gb", 1, "workspace_id", workspace);
    return given.api.post("/volumes", wish).expect(201).string("id");
  }

  @Test
  void aRunningSandboxMovesWithWhatItHasAndGoesOn() {
    String from = workspace();
    String to = workspace();
    String volume = volume(from);
    try (Sandbox sandbox = given.aSandbox().with("workspace_id", from).running()) {
      given.api.post(sandbox.at("/volumes"), Map.of("volume_id", volume)).expect(201);
      String snapshot = given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
      transfer(from, to, List.of(sandbox.id())).expectError(409, "CONFLICT");
      assertEquals(from, given.api.get(sandbox.at("")).string("workspace_id"));
      Reply moved = transfer(from, to, List.of(sandbox.id(), volume)).expect(200);
      assertEquals(3, moved.json().path("total").asInt(), moved::toString);
      assertEquals(1, moved.json().path("counts").path("snapshots").asInt());
      Reply now = given.api.get(sandbox.at("")).expect(200);
      assertEquals(to, now.string("workspace_id"));
      assertEquals(to, given.api.get("/volumes/" + volume).string("workspace_id"));
      assertTrue(
          given.api.get("/workspaces/" + to + "/sandboxes").text().contains(sandbox.id()));
      assertFalse(
          given.api.get("/workspaces/" + from + "/sandboxes").text().contains(sandbox.id()));
      assertEquals("on", sandbox.run("echo on"));
      assertEquals(0, inventory(from).path("counts").path("sandboxes").asInt());
      assertEquals(snapshot, inventory(to).path("snapshots").get(0).path("id").asString());
      String told =
          given.api.get("/activity?limit=50&resource_id=" + sandbox.id()).expect(200).text();
      assertTrue(told.contains("sandbox.moved"), told);
      // Nothing of it is there any more, and the workspace can go.
      transfer(from, to, List.of(sandbox.id())).expectFieldError("resource_ids");
      given.api.delete("/workspaces/" + from).expect(204);
    }
    Reply cleaned =
        given.api.post("/workspaces/" + to + "/cleanup", Map.of("force", true)).expect(200);
    assertEquals(0, cleaned.json().path("data").path("failed").size(), cleaned::toString);
    Given.eventually(
        20,
        "nothing is left",
        () -> inventory(to).path("counts").path("volumes").asInt() == 0);
    given.api.delete("/workspaces/" + to).expect(204);
  }

  @Test
  void aProjectTakesAlongWhatItOwnsAllOrNothing() {
    String from = workspace();
    String to = workspace();
    Map<String, Object> wish = Map.of("name", Given.unique("goes"), "workspace_id", from);
    String project =
        given.api.post("/projects", wish).expect(201).json().path("data").path("id").asString();
    Map<String, Object> owned =
        Map.of("name", Given.unique("site"), "workspace_id", from, "project_id", project);
    Reply made = given.api.post("/deployments", owned).expect(201);
    String deployment = made.json().path("data").path("id").asString();
    String other = volume(workspace());
    transfer(from, to, List.of(project, other)).expectFieldError("resource_ids");
    assertEquals(1, inventory(from).path("counts").path("deployments").asInt());
    Map<String, Object> body =
        Map.of("resource_ids", List.of(project), "target_workspace_id", to);
    Map<String, String> key = Map.of("Idempotency-Key", project);
    String path = "/workspaces/" + from + "/transfer";
    Reply first = given.api.json("POST", path, body, key).expect(200);
    assertEquals(2, first.json().path("total").asInt(), first::toString);
    assertEquals(first.json(), given.api.json("POST", path, body, key).expect(200).json());
    JsonNode there = inventory(to).path("deployments").get(0);
    assertEquals(deployment, there.path("id").asString());
    assertEquals(project, there.path("project_id").asString());
    given.api.delete("/deployments/" + deployment);
    given.api.delete("/volumes/" + other).expect(204);
  }

  @Test
  void badTransfersAreRefusedAndNamed() {
    String from = workspace();
    String to = workspace();
    String volume = volume(from);
    transfer(from, to, List.of()).expectFieldError("resource_ids");
    transfer(from, to, List.of("nonsense")).expectFieldError("resource_ids");
    transfer(from, from, List.of(volume)).expectFieldError("target_workspace_id");
    transfer(from, "nowhere", List.of(volume)).expectError(422, "WORKSPACE_NOT_FOUND");
    String theirs = given.stranger.get("/workspaces").json().path("data").get(0).path("id").asString();
    transfer(from, theirs, List.of(volume)).expectError(422, "WORKSPACE_NOT_FOUND");
    given
        .stranger
        .post(
            "/workspaces/" + theirs + "/transfer",
            Map.of("resource_ids", List.of(volume), "target_workspace_id", theirs))
        .expectFieldError("target_workspace_id");
    JsonNode standard =
        inventory(from).path("projects").get(0);
    transfer(from, to, List.of(standard.path("id").asString())).expectError(409, "CONFLICT");
    // Without force only what nobody uses goes; a dry run changes nothing.
    String path = "/workspaces/" + from + "/cleanup";
    given.api.post(path, Map.of("kinds", List.of("dreams"))).expectFieldError("kinds");
    Reply dry = given.api.post(path, Map.of("dry_run", true)).expect(200);
    assertEquals(volume, dry.json().path("data").path("removed").get(0).path("id").asString());
    assertEquals(1, inventory(from).path("counts").path("volumes").asInt());
    given.api.post(path, Map.of()).expect(200);
    given.api.get("/volumes/" + volume).expect(404);
  }
}

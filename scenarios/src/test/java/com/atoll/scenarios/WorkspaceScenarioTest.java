package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What belongs to one workspace, seen from that workspace. */
@Tag("fast")
@Tag("all")
final class WorkspaceScenarioTest {
  private final Given given = new Given();
  private String slug;
  private String path;

  @BeforeEach
  void make() {
    Reply made = given.api.post("/workspaces", Map.of("name", Given.unique("space"))).expect(201);
    slug = made.string("slug");
    path = "/workspaces/" + made.string("id");
  }

  @AfterEach
  void remove() {
    given.api.delete(path);
  }

  @Test
  void listsOfAWorkspaceShowWhatIsItsAndNothingElse() {
    Map<String, Object> fields = Map.of("size", "xs", "workspace_slug", slug);
    try (Sandbox inside =
            new Sandbox(
                given.api, given.api.post("/sandboxes", fields).expect(201).string("id"), slug);
        Sandbox outside = given.aSandbox().running()) {
      String site =
          given
              .api
              .post("/deployments", Map.of("name", Given.unique("site"), "workspace_slug", slug))
              .expect(201)
              .json()
              .path("data")
              .path("id")
              .asString();
      for (String from : List.of(path, "/workspaces/" + slug)) {
        Reply sandboxes = given.api.get(from + "/sandboxes").expect(200);
        assertEquals(1, sandboxes.json().path("data").size(), sandboxes::toString);
        assertTrue(sandboxes.text().contains(inside.id()));
        assertFalse(sandboxes.text().contains(outside.id()));
        Reply sites = given.api.get(from + "/deployments").expect(200);
        assertEquals(1, sites.json().path("data").size(), sites::toString);
        assertTrue(sites.text().contains(site));
        Reply projects = given.api.get(from + "/projects").expect(200);
        assertEquals(1, projects.json().path("data").size(), projects::toString);
      }
      for (String kind : List.of("/sandboxes", "/deployments", "/projects")) {
        given.api.get("/workspaces/ws_none" + kind).expect(404);
        given.stranger.get(path + kind).expect(404);
      }
      given.api.delete("/deployments/" + site).expect(200);
    }
  }

  @Test
  void onlyForceRemovesAWorkspaceThatOwnsResources() {
    Map<String, Object> inside = Map.of("size", "xs", "workspace_slug", slug);
    String sandbox = given.api.post("/sandboxes", inside).expect(201).string("id");
    Map<String, Object> volume =
        Map.of("name", Given.unique("vol"), "size_gb", 1, "workspace_slug", slug);
    String kept = given.api.post("/volumes", volume).expect(201).string("id");
    given.api.delete(path).expectError(409, "CONFLICT");
    given.stranger.delete(path + "?force=true").expectError(404, "NOT_FOUND");
    given.api.delete(path + "?force=true&dry_run=true").expect(204);
    assertEquals("running", given.api.get("/sandboxes/" + sandbox).expect(200).string("state"));
    given.api.delete(path + "?force=true").expect(204);
    given.api.get(path).expectError(404, "NOT_FOUND");
    given.api.get("/volumes/" + kept).expect(404);
    assertEquals("destroyed", given.api.get("/sandboxes/" + sandbox).expect(200).string("state"));
    given.api.delete("/workspaces/default?force=true").expectError(409, "CONFLICT");
  }

  @Test
  void setUpsAreSavedUnderNames() {
    String templates = path + "/computer-templates";
    Map<String, Object> wish =
        Map.of(
            "name",
            "office",
            "size",
            "small",
            "selected_apps",
            List.of("editor"),
            "settings",
            Map.of("theme", "dark"));
    Map<String, String> key = Map.of("Idempotency-Key", Given.unique("once"));
    Reply made = given.api.json("POST", templates, wish, key).expect(201);
    assertEquals("dark", made.json().path("settings").path("theme").asString());
    Reply again = given.api.json("POST", templates, wish, key).expect(201);
    assertEquals(made.string("id"), again.string("id"));
    given.api.post(templates, wish).expectError(409, "NAME_TAKEN");
    given.api.post(templates, Map.of("name", "a", "size", "giant")).expectFieldError("size");
    given
        .api
        .post(templates, Map.of("name", "a", "selected_apps", List.of("")))
        .expectFieldError("selected_apps");
    Reply listed = given.api.get(templates).expect(200);
    assertEquals(1, listed.json().path("data").size(), listed::toString);
    given.stranger.get(templates).expectError(404, "NOT_FOUND");
    given.stranger.post(templates, wish).expectError(404, "NOT_FOUND");
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Templates that fill a project. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class ProjectTemplatesScenarioTest {
  private final Given given = new Given();

  private String project() {
    Reply made = given.api.post("/projects", Map.of("name", Given.unique("filled"))).expect(201);
    return made.json().path("data").path("id").asString();
  }

  private JsonNode applied(String project, String template) {
    return given
        .api
        .post("/projects/" + project + "/templates/" + template, Map.of())
        .expect(200)
        .json()
        .path("data");
  }

  private static List<String> changed(JsonNode applied, String change) {
    return applied
        .path("changes")
        .valueStream()
        .filter(one -> one.path("change").asString().equals(change))
        .map(one -> one.path("kind").asString() + " " + one.path("name").asString())
        .toList();
  }

  private static String id(JsonNode applied, String kind) {
    return applied
        .path("changes")
        .valueStream()
        .filter(one -> one.path("kind").asString().equals(kind))
        .map(one -> one.path("id").asString())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aServiceIsMadeOnceAndServes() {
    String project = project();
    JsonNode first = applied(project, "python-web/apply");
    assertEquals(
        List.of(
            "environment Staging",
            "variable APP_MODE",
            "variable SECRET_KEY",
            "sandbox web",
            "deployment web"),
        changed(first, "created"));
    String sandbox = id(first, "sandbox");
    try (Deployment deployment = new Deployment(given.api, id(first, "deployment"))) {
      deployment.settled();
      assertTrue(given.api.page(deployment.url()).text().contains("\"template\""));
      Sandbox machine = new Sandbox(given.api, sandbox, "web");
      assertEquals("template", machine.run("printf %s \"$APP_MODE\""));
      assertEquals(project, given.api.get(machine.at("")).expect(200).string("project_id"));
      JsonNode again = applied(project, "python-web/apply");
      assertEquals(List.of(), changed(again, "created"));
      assertEquals(sandbox, id(again, "sandbox"));
      // What is gone is made anew; the rest stays.
      machine.close();
      JsonNode third = applied(project, "python-web/apply?deploy=false");
      assertEquals(List.of("sandbox web"), changed(third, "created"));
      given.api.delete("/sandboxes/" + id(third, "sandbox")).expect(204);
    }
  }

  @Test
  void twoProjectsHaveTheirOwnAndAVolumeIsMounted() {
    String[] volumes = new String[2];
    for (int i = 0; i < 2; i++) {
      String project = project();
      JsonNode made = applied(project, "agent-workspace/apply");
      volumes[i] = id(made, "volume");
      Sandbox machine = new Sandbox(given.api, id(made, "sandbox"), "agent");
      machine.run("touch /data/kept && test -n \"$AGENT_TOKEN\"");
      machine.close();
    }
    assertTrue(!volumes[0].equals(volumes[1]));
    for (String volume : volumes) {
      Given.eventually(
          20, "it is deleted", () -> given.api.delete("/volumes/" + volume).status() == 204);
    }
  }

  @Test
  void unknownTemplatesAndForeignProjectsAreNotFound() {
    given.api.get("/project-templates/nothing").expect(404);
    String project = project();
    String path = "/projects/" + project + "/templates/python-web/apply";
    given.stranger.post(path, Map.of()).expect(404);
    given.api.post(path + "?env=nowhere", Map.of()).expect(404);
    given.api.post("/projects/" + project + "/templates/nothing/apply", Map.of()).expect(404);
    JsonNode all = given.api.get("/project-templates").expect(200).json().path("data");
    assertTrue(all.size() > 3);
    for (JsonNode one : all) {
      given.api.get("/project-templates/" + one.path("slug").asString()).expect(200);
    }
  }
}

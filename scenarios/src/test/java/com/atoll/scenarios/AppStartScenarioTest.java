package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The app of a sandbox is installed, started and waited for. */
@Tag("fast")
@Tag("all")
final class AppStartScenarioTest {
  private final Given given = new Given();

  @Test
  void anAppIsStartedSeenAndStartedAgain() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.withFile("/workspace/index.html", "hello");
      Map<String, Object> body =
          Map.of(
              "port",
              4321,
              "install_command",
              "touch installed",
              "readiness_probe",
              Map.of("type", "http", "url", "/index.html"));
      Reply first = given.api.post(sandbox.at("/template/start"), body).expect(200);
      assertEquals("running", first.string("status"), first::toString);
      assertEquals(0, first.json().path("install").path("exit_code").asInt());
      sandbox.run("test -e installed");
      assertEquals("hello", given.api.page(first.string("preview_url")).text());
      Reply second = given.api.post(sandbox.at("/template/start"), body).expect(200);
      assertEquals("running", second.string("status"), second::toString);
      assertTrue(!first.string("pid").equals(second.string("pid")));
      sandbox.withFile("/workspace/dist/app.js", "made");
      Reply made = given.api.get(sandbox.at("/artifacts")).expect(200);
      assertEquals(
          "/workspace/dist/app.js",
          made.json().path("artifacts").path("files").path(0).path("path").asString());
      given.stranger.post(sandbox.at("/template/start"), body).expect(404);
      given.stranger.get(sandbox.at("/artifacts")).expect(404);
    }
  }

  @Test
  void whatFailsIsToldWithItsOutput() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String path = sandbox.at("/template/start");
      given.api.post(path, Map.of()).expect(422);
      Reply install =
          given.api.post(
              path, Map.of("install_command", "echo no >&2; exit 3", "start_command", "true"));
      assertEquals("failed", install.expect(200).string("status"));
      assertEquals(3, install.json().path("install").path("exit_code").asInt());
      Reply ended = given.api.post(path, Map.of("start_command", "echo broken; exit 4"));
      assertEquals("failed", ended.expect(200).string("status"));
      assertEquals(4, ended.json().path("start").path("exit_code").asInt());
      assertTrue(ended.text().contains("broken"), ended::toString);
      Reply slow =
          given.api.post(path, Map.of("start_command", "sleep 60", "start_timeout_sec", 1));
      assertEquals("failed", slow.expect(200).string("status"));
      given
          .api
          .post(path, Map.of("start_command", "true", "workdir", "/workspace/../etc"))
          .expect(400);
      given
          .api
          .post(path, Map.of("start_command", "true", "readiness_probe", Map.of("type", "luck")))
          .expect(422);
    }
  }
}

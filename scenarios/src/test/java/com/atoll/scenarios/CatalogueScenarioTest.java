package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Each built-in template is built, started and asked whether it is ready. */
@Tag("all")
final class CatalogueScenarioTest {
  private static final int BUILD_SECONDS = 1_200;

  private final Given given = new Given();

  static Stream<String> templates() {
    return new Given()
        .api
        .get("/sandbox-templates")
        .expect(200)
        .json()
        .path("data")
        .valueStream()
        .filter(row -> row.path("built_in").asBoolean())
        .map(row -> row.path("id").asString());
  }

  @ParameterizedTest
  @MethodSource("templates")
  void itIsBuiltStartedAndReady(String id) {
    Reply[] made = new Reply[1];
    Given.eventually(
        BUILD_SECONDS,
        id + " is built",
        () -> {
          made[0] = given.api.post("/sandboxes", Map.of("template_id", id, "size", "small"));
          return made[0].status() != 503;
        },
        () -> String.valueOf(made[0]));
    made[0].expect(201);
    try (Sandbox sandbox = new Sandbox(given.api, made[0].string("id"), made[0].string("slug"))) {
      JsonNode row = given.api.get("/sandbox-templates/" + id).expect(200).json();
      assertEquals("active", row.path("image_state").asString());
      String start = row.path("start_command").asString("");
      int port = row.path("preview_port").asInt(0);
      if (!start.isEmpty()) {
        given
            .api
            .post(
                sandbox.at("/processes"),
                Map.of("command", "PORT=" + port + "; export PORT; " + start))
            .expect(201);
      }
      String ready = row.path("readiness_probe").path("command").asString("");
      if (!ready.isEmpty()) {
        Given.eventually(120, id + " is ready", () -> sandbox.exec(ready).exitCode() == 0);
      }
      if (!start.isEmpty()) {
        String url = sandbox.url(port);
        Given.eventually(60, id + " answers outside", () -> given.api.page(url).status() / 100 < 4);
      }
    }
  }
}

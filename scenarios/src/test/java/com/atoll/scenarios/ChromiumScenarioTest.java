package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Chromium itself inside, its DevTools outside. */
@Tag("all")
final class ChromiumScenarioTest {
  private static final int BUILD_SECONDS = 1_200;
  private static final String START =
      "chromium --headless --no-sandbox --disable-gpu --remote-debugging-port=9222"
          + " --user-data-dir=/tmp/profile about:blank";

  private final Given given = new Given();

  @Test
  void aClientOutsideDrivesThePagesInside() {
    Reply[] made = new Reply[1];
    Given.eventually(
        BUILD_SECONDS,
        "the template is built",
        () -> {
          made[0] =
              given.api.post("/sandboxes", Map.of("template_id", "playwright", "size", "small"));
          return made[0].status() != 503;
        },
        () -> String.valueOf(made[0]));
    made[0].expect(201);
    try (Sandbox sandbox = new Sandbox(given.api, made[0].string("id"), made[0].string("slug"))) {
      given.api.post(sandbox.at("/processes"), Map.of("command", START)).expect(201);
      Reply grant = given.api.post(sandbox.at("/browser/cdp-url"), Map.of()).expect(200);
      String base = grant.string("cdp_http_url");
      Given.eventually(
          60, "Chromium listens", () -> given.api.page(base + "/json/version").status() == 200);
      JsonNode version = given.api.page(base + "/json/version").json();
      assertTrue(version.path("Browser").asString().contains("Chrome"), version::toString);
      String named = version.path("webSocketDebuggerUrl").asString();
      for (String url : new String[] {named, grant.string("cdp_ws_url")}) {
        try (CdpClient browser = CdpClient.open(given.target, url)) {
          String answer = browser.call("{\"id\":1,\"method\":\"Browser.getVersion\"}");
          assertTrue(answer.contains("Chrome"), answer);
        }
      }
      JsonNode pages = given.api.page(base + "/json/list").expect(200).json();
      assertEquals("about:blank", pages.get(0).path("url").asString(), pages::toString);
      String page = pages.get(0).path("webSocketDebuggerUrl").asString();
      try (CdpClient client = CdpClient.open(given.target, page)) {
        String answer =
            client.call(
                "{\"id\":7,\"method\":\"Runtime.evaluate\",\"params\":{\"expression\":\"6*7\"}}");
        assertEquals(
            42,
            Reply.JSON.readTree(answer).path("result").path("result").path("value").asInt(),
            answer);
      }
      given.api.page(grant.string("cdp_host_http_url") + "/json/version").expect(401);
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Health checks, the catalogue, the dashboard's figures, metrics, maintenance. */
@Tag("fast")
@Tag("all")
final class HealthScenarioTest {
  private final Given given = new Given();

  private Reply check(String url) {
    return given.api.post(
        "/health-checks",
        Map.of("name", Given.unique("check"), "url", url, "interval_sec", 5, "timeout_sec", 3));
  }

  private void awaitStatus(String id, String status) {
    Given.eventually(
        30,
        id + " is " + status,
        () -> given.api.get("/health-checks/" + id).expect(200).string("status").equals(status),
        () -> given.api.get("/health-checks/" + id).toString());
  }

  @Test
  void aCheckFollowsWhatItAsks() {
    String id;
    try (Sandbox sandbox = given.aSandbox().running().serving(8000, "well")) {
      id = check(sandbox.url(8000)).expect(201).string("id");
      awaitStatus(id, "healthy");
      JsonNode seen = given.api.get("/health-checks/" + id).json();
      assertEquals(200, seen.path("last_status_code").asInt());
      assertEquals(5, seen.path("interval_seconds").asInt());
      given.stranger.get("/health-checks/" + id).expectError(404, "NOT_FOUND");
      given
          .api
          .json("PATCH", "/health-checks/" + id, Map.of("expected_status", 418), Map.of())
          .expect(200);
      awaitStatus(id, "unhealthy");
      given
          .api
          .json("PATCH", "/health-checks/" + id, Map.of("status", "paused"), Map.of())
          .expect(200);
      awaitStatus(id, "paused");
    }
    given.api.delete("/health-checks/" + id).expect(204);
    given.api.get("/health-checks/" + id).expectError(404, "NOT_FOUND");
  }

  @Test
  void nothingInsideTheHostIsAsked() {
    for (String url :
        new String[] {
          "http://127.0.0.1:" + given.target.httpPort() + "/",
          "http://169.254.169.254/latest/meta-data",
          "http://[::1]:22/"
        }) {
      String id = check(url).expect(201).string("id");
      awaitStatus(id, "unhealthy");
      String error = given.api.get("/health-checks/" + id).string("last_error");
      assertTrue(error.contains("no public address"), error);
      given.api.delete("/health-checks/" + id).expect(204);
    }
    for (String url : new String[] {"ftp://example.test", "http://user:pass@example.test", "x"}) {
      check(url).expectFieldError("url");
    }
  }

  @Test
  void theCatalogueHasPricesThatReportsCountWith() {
    JsonNode sizes = given.api.get("/compute/sizes").expect(200).json().path("data");
    assertEquals(5, sizes.size());
    assertEquals("xs", sizes.get(0).path("slug").asString());
    assertTrue(sizes.get(0).path("price_hour").asDouble() > 0);
    JsonNode regions = given.api.get("/compute/regions").expect(200).json().path("data");
    assertTrue(regions.get(0).path("available").asBoolean(), regions::toString);
    JsonNode catalog = given.api.get("/compute/catalog").expect(200).json().path("data");
    assertTrue(catalog.path("products").get(0).path("templates").size() > 0, catalog::toString);
    assertTrue(given.api.get("/compute/pricing").expect(200).json().path("prices").size() > 3);
    given.api.get("/compute/templates/none").expectError(404, "TEMPLATE_NOT_FOUND");
    String first =
        given.api.get("/compute/templates").json().path("data").get(0).path("id").asString();
    given.api.get("/compute/templates/" + first).expect(200);
  }

  @Test
  void theDashboardCounts() {
    try (Sandbox _ = given.aSandbox().running()) {
      JsonNode board = given.api.get("/dashboard").expect(200).json();
      assertTrue(board.path("sandboxes").asInt() >= 1, board::toString);
      assertTrue(board.path("data").path("running_sandboxes").asInt() >= 1, board::toString);
    }
    assertEquals("ok", given.api.get("/overview").expect(200).string("status"));
  }

  @Test
  void metricsAreForTheOwnerOfTheInstallation() {
    String text = given.api.get("/metrics").expect(200).text();
    assertTrue(text.contains("# TYPE atoll_http_requests_total counter"), text);
    assertTrue(text.contains("atoll_ready 1"), text);
    given.stranger.get("/metrics").expectError(403, "FORBIDDEN");
    given.api.withKey("").get("/metrics").expect(401);
    assertEquals("ok", given.api.withKey("").get("/health").expect(200).string("status"));
  }

  @Test
  void maintenanceRefusesNewWorkOnly() {
    Map<String, Object> on = Map.of("enabled", true, "message", "disks are exchanged");
    given.stranger.json("PUT", "/admin/maintenance", on, Map.of()).expectError(403, "FORBIDDEN");
    try (Sandbox sandbox = given.aSandbox().running()) {
      given.api.json("PUT", "/admin/maintenance", on, Map.of()).expect(200);
      Reply refused = given.api.post("/sandboxes", Map.of("size", "xs"));
      refused.expectError(503, "MAINTENANCE");
      assertTrue(refused.string("message").contains("disks are exchanged"));
      assertEquals("on", sandbox.run("echo on"));
    } finally {
      given.api.json("PUT", "/admin/maintenance", Map.of("enabled", false), Map.of()).expect(200);
    }
    given.aSandbox().running().close();
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Reports say what was really used, once, also when the server ends while it writes that down. */
@Tag("fast")
@Tag("all")
final class UsageScenarioTest {
  private final Given given = new Given();
  private final Crashes crashes = new Crashes(given, Host.of(given.target));

  @AfterEach
  void disarm() throws IOException {
    crashes.disarm();
  }

  static Stream<String> points() {
    return Crashes.sample(Crashes.points("usage"));
  }

  private JsonNode report(String user) {
    Reply reply =
        given.api.get("/usage?group_by=external_user_id,day&period=2d&external_user_id=" + user);
    return reply.expect(200).json();
  }

  private static double quantity(JsonNode report, String dimension) {
    return report
        .path("results")
        .valueStream()
        .flatMap(row -> row.path("line_items").valueStream())
        .filter(item -> item.path("dimension").asString().equals(dimension))
        .mapToDouble(item -> item.path("qty").asDouble())
        .sum();
  }

  /** The report and the sandbox's own figures agree to the millisecond. */
  private void assertAgrees(String id, String user) {
    JsonNode used = given.api.get("/sandboxes/" + id + "/usage").expect(200).json();
    JsonNode report = report(user);
    assertEquals(
        used.path("provisioned_vcpu_ms").asLong(),
        Math.round(quantity(report, "sandbox_vcpu_seconds") * 1000),
        report::toString);
    assertEquals(
        used.path("provisioned_memory_mb_ms").asLong(),
        Math.round(quantity(report, "sandbox_memory_gb_seconds") * 1024 * 1000),
        report::toString);
  }

  @Test
  void aReportSaysWhatASandboxReallyUsed() {
    String user = Given.unique("user");
    String id;
    try (Sandbox sandbox = given.aSandbox().with("external_user_id", user).running()) {
      id = sandbox.id();
      sandbox.run("timeout 1 sh -c 'while :; do :; done'; true");
      sandbox.run("head -c 30000000 /dev/urandom > /workspace/file; sync");
      given.api.get(sandbox.at("/usage")).expect(200);
      assertTrue(quantity(report(user), "sandbox_seconds") > 0.5);
      given.api.post(sandbox.at("/stop"), Map.of()).expect(200);
      sandbox.run("true");
      given.api.json("PATCH", sandbox.at("/resources"), Map.of("memory_mb", 1024), Map.of());
      sandbox.run("true");
    }
    JsonNode used = given.api.get("/sandboxes/" + id + "/usage").expect(200).json();
    JsonNode row = report(user).path("results").get(0);
    assertEquals(user, row.path("external_user_id").asString());
    assertEquals(used.path("runtime_sec").asDouble(), row.path("sandbox_seconds").asDouble(), 1);
    assertTrue(row.path("total_usd").asDouble() > 0, row::toString);
    Given.eventually(
        5,
        "measured CPU is in the report",
        () ->
            quantity(report(user), "sandbox_cpu_seconds") * 1000
                >= used.path("active_cpu_ms").asLong() - 1);
    assertTrue(quantity(report(user), "sandbox_storage_gb_months") > 0);
    JsonNode session =
        given.api.get("/usage/sessions?sandbox_id=" + id).expect(200).json().path("data").get(0);
    assertEquals(used.path("runtime_sec").asDouble(), session.path("duration_sec").asDouble(), 1);
    assertTrue(session.path("credit_cost").asDouble() > 0, session::toString);

    Reply csv = given.api.get("/usage/export?group_by=external_user_id&external_user_id=" + user);
    csv.expect(200);
    assertTrue(csv.header("content-type").startsWith("text/csv"));
    List<String> lines = csv.text().lines().toList();
    assertEquals("external_user_id,dimension,quantity,unit,usd", lines.getFirst());
    assertTrue(lines.stream().anyMatch(l -> l.startsWith('"' + user + "\",sandbox_seconds,")));

    assertEquals(
        0, given.stranger.get("/usage?external_user_id=" + user).json().path("data").size());
    given.api.get("/usage?group_by=name").expectError(400, "INVALID_PARAM");
    given.api.get("/usage?period=always").expectError(400, "INVALID_PARAM");
  }

  @ParameterizedTest
  @MethodSource("points")
  void useIsWrittenDownOnceAlsoWhenTheServerEnds(String point) {
    String user = Given.unique("user");
    String id;
    try (Sandbox sandbox = given.aSandbox().with("external_user_id", user).running()) {
      id = sandbox.id();
      sandbox.run("sleep 1");
      crashes.arm(point);
      try {
        given.api.get("/usage?external_user_id=" + user);
      } catch (UncheckedIOException cut) {
        assertTrue(String.valueOf(cut.getMessage()).contains("/usage"));
      }
      crashes.await(point);
      sandbox.run("sleep 0.5");
      assertTrue(quantity(report(user), "sandbox_seconds") > 1);
    }
    assertAgrees(id, user);
    given.api.get("/usage?period=1d").expect(200);
    assertAgrees(id, user);
  }

  @Test
  void creditsAreGivenByTheOwnerOfTheInstallationOnly() {
    String org = given.stranger.get("/credits/balance").expect(200).string("tenant_id");
    String reference = Given.unique("invoice");
    Map<String, Object> grant =
        Map.of("tenant_id", org, "amount", 500, "description", "test", "reference", reference);
    given.stranger.post("/admin/credits/grant", grant).expectError(403, "FORBIDDEN");
    long before = given.stranger.get("/credits/balance").json().path("balance_credits").asLong();
    given.api.post("/admin/credits/grant", grant).expect(200);
    Reply again = given.api.post("/admin/credits/grant", grant).expect(200);
    assertEquals(before + 500, again.json().path("balance_credits").asLong());
    JsonNode tenant = given.stranger.get("/platform/tenants/current").expect(200).json();
    assertEquals(before + 500, tenant.path("credit_balance").asLong());
    JsonNode moves =
        given.stranger.get("/credits/transactions?type=earn&limit=1").expect(200).json();
    assertEquals(500, moves.path("data").get(0).path("amount").asLong());
    assertEquals(reference, moves.path("data").get(0).path("reference").asString());
    given.api.post("/admin/credits/deduct", Map.of("tenant_id", org, "amount", 500)).expect(200);
    assertEquals(
        before, given.stranger.get("/credits/balance").json().path("balance_credits").asLong());
    given
        .api
        .post("/admin/credits/grant", Map.of("tenant_id", org, "amount", -1))
        .expectFieldError("amount");
    given
        .api
        .post("/admin/credits/grant", Map.of("tenant_id", "org_none", "amount", 1))
        .expectError(404, "ORG_NOT_FOUND");
  }
}

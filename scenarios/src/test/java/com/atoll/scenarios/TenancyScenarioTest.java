package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people, test keys and policies may do to sandboxes. */
@Tag("fast")
@Tag("all")
final class TenancyScenarioTest {
  private final Given given = new Given();
  private final Members members = new Members(given);

  @Test
  void aViewerWatchesASandboxAndChangesNothingOfIt() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Members.Person viewer = members.join("viewer");
      viewer.api().get(sandbox.at("")).expect(200);
      Map<String, Object> command = Map.of("command", "touch /workspace/seen");
      viewer.api().post(sandbox.at("/exec"), command).expectError(403, "FORBIDDEN");
      viewer.api().post("/sandboxes", Map.of("size", "xs")).expectError(403, "FORBIDDEN");
      viewer.api().delete(sandbox.at("")).expectError(403, "FORBIDDEN");
      given.api.get(sandbox.at("")).expect(200);
      given.api.delete("/tenant/members/" + viewer.id()).expect(200);
      viewer.api().get(sandbox.at("")).expectError(401, "invalid_token");
    }
  }

  @Test
  void aMemberWorksAndTheKeysOfThatPersonEndWithTheMembership() {
    Members.Person member = members.join("member");
    Reply made = member.api().post("/api-keys", Map.of("name", "mine")).expect(201);
    Api key = given.api.withKey(made.json().path("data").path("key").asString());
    String id = key.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id");
    given.api.delete("/sandboxes/" + id).expect(204);
    given.api.delete("/tenant/members/" + member.id()).expect(200);
    key.get("/sandboxes").expectError(401, "invalid_token");
  }

  @Test
  void testSandboxesWorkAreShortLivedLabeledAndApart() {
    Api test = members.testKey();
    Reply made = test.post("/sandboxes", Map.of("size", "xs")).expect(201);
    String id = made.string("id");
    assertEquals("test", made.header("x-atoll-mode"));
    assertFalse(made.json().path("livemode").asBoolean(true));
    assertTrue(made.json().path("timeout_sec").asInt() <= 3600, made::toString);
    String path = "/sandboxes/" + id;
    assertEquals(
        "hi", test.post(path + "/exec", Map.of("command", "echo hi")).string("stdout").strip());
    given.api.get(path).expect(404);
    String live = given.api.get("/sandboxes?limit=1000").text();
    assertFalse(live.contains(id) || live.contains("livemode"), live);
    Reply all = test.get("/sandboxes?limit=1000");
    assertTrue(all.text().contains(id));
    all.json()
        .path("data")
        .forEach(one -> assertFalse(one.path("livemode").asBoolean(true), one::toString));
    Map<String, Object> forever = Map.of("size", "xs", "always_on", true);
    test.post("/sandboxes", forever).expectError(403, "POLICY_FORBIDS");
    test.json("PATCH", path, Map.of("timeout_sec", 7200), Map.of())
        .expectError(403, "POLICY_FORBIDS");
    test.post(path + "/extend", Map.of("timeout_sec", 7200)).expectError(403, "POLICY_FORBIDS");
    test.delete(path).expect(204);
  }

  @Test
  void thePolicyOfACustomersUserBoundsThatUsersSandboxes() {
    String user = Given.unique("user");
    Map<String, Object> policy =
        Map.of(
            "lifecycle", Map.of("max_timeout_sec", 60, "max_idle_timeout_sec", 30),
            "sizing", Map.of("allowed_sizes", List.of("xs")));
    given.api.json("PUT", "/external-users/" + user + "/policy", policy, Map.of()).expect(200);
    Map<String, Object> large = Map.of("size", "small", "external_user_id", user);
    given.api.post("/sandboxes", large).expectError(403, "POLICY_FORBIDS");
    Reply made =
        given.api.post("/sandboxes", Map.of("size", "xs", "external_user_id", user)).expect(201);
    assertEquals(60, made.json().path("timeout_sec").asInt(), made::toString);
    assertEquals(30, made.json().path("idle_timeout_sec").asInt(), made::toString);
    given.api.delete("/sandboxes/" + made.string("id")).expect(204);
    given.api.delete("/external-users/" + user + "/policy").expect(204);
  }

  @Test
  void thePolicyOfACustomersUserBoundsChangesResizesAndForksToo() {
    String user = Given.unique("user");
    String policyPath = "/external-users/" + user + "/policy";
    bind(policyPath, Map.of("allowed_sizes", List.of("xs")));
    Map<String, Object> wish = Map.of("size", "xs", "external_user_id", user);
    Reply made = given.api.post("/sandboxes", wish).expect(201);
    String path = "/sandboxes/" + made.string("id");
    for (Map<String, Object> change :
        List.<Map<String, Object>>of(Map.of("timeout_sec", 61), Map.of("idle_timeout_sec", 31))) {
      given.api.json("PATCH", path, change, Map.of()).expectError(403, "POLICY_FORBIDS");
    }
    given.api.post(path + "/extend", Map.of("timeout_sec", 61)).expectError(403, "POLICY_FORBIDS");
    given
        .api
        .json("PATCH", path + "/resources", Map.of("cpu_count", 2, "memory_mb", 4096), Map.of())
        .expectError(403, "POLICY_FORBIDS");
    given.api.post(path + "/resize", Map.of("size", "small")).expectError(403, "POLICY_FORBIDS");
    Reply fork = given.api.post(path + "/fork", Map.of()).expect(201);
    bind(policyPath, Map.of("allowed_sizes", List.of("small")));
    given.api.post(path + "/fork", Map.of()).expectError(403, "POLICY_FORBIDS");
    given.api.delete("/sandboxes/" + fork.string("id")).expect(204);
    given.api.delete(path).expect(204);
    given.api.delete(policyPath).expect(204);
  }

  private void bind(String policyPath, Map<String, Object> sizing) {
    Map<String, Object> lifecycle = Map.of("max_timeout_sec", 60, "max_idle_timeout_sec", 30);
    Map<String, Object> policy = Map.of("lifecycle", lifecycle, "sizing", sizing);
    given.api.json("PUT", policyPath, policy, Map.of()).expect(200);
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Policies of actions hold at the API itself, whether or not anybody asked beforehand. */
@Tag("fast")
@Tag("all")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuthorityScenarioTest {
  private static final String HASH = "sha256:" + "0".repeat(64);

  private final Given given = new Given();
  private Api user;
  private String userId;
  private Sandbox sandbox;

  @BeforeAll
  void aUser() {
    JsonNode key =
        given
            .api
            .post("/api-keys", Map.of("name", Given.unique("user"), "rate_limit_rpm", 600))
            .expect(201)
            .json()
            .path("data");
    user = given.api.withKey(key.path("key").asString());
    userId = key.path("id").asString();
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void release() {
    sandbox.close();
    given.api.delete("/api-keys/" + userId);
  }

  @AfterEach
  void noPolicies() {
    given
        .api
        .get("/actions/verdicts")
        .expect(200)
        .json()
        .path("data")
        .forEach(policy ->
            given.api.delete("/actions/verdicts/" + policy.path("action").asString()).expect(204));
  }

  private void policy(String action, String decision) {
    given
        .api
        .json("PUT", "/actions/verdicts/" + action, Map.of("decision", decision), Map.of())
        .expect(200);
  }

  private Reply exec(Api api) {
    return api.post(sandbox.at("/exec"), Map.of("command", "echo done"));
  }

  private Reply ask(Api api, String action) {
    JsonNode entry = entry(action);
    Map<String, Object> body = new HashMap<>();
    body.put("capability", Map.of("name", action, "fingerprint", entry.path("fingerprint")));
    body.put("request_fingerprint", HASH);
    body.put("params_fingerprint", HASH);
    body.put("surface", "mcp");
    return api.post("/actions/authorize", body);
  }

  private JsonNode entry(String action) {
    for (JsonNode entry : given.api.get("/actions/catalog").expect(200).json().path("data")) {
      if (entry.path("name").asString().equals(action)) {
        return entry;
      }
    }
    throw new AssertionError(action + " is not in the catalogue");
  }

  private static String approval(Reply refused) {
    return refused.json().path("error").path("details").path("approval_request_id").asString();
  }

  @Test
  void aDeniedActionIsRefusedByTheOperationItselfAndByItsSiblings() {
    policy("sandbox.exec", "deny");
    exec(user).expectError(403, "ACTION_DENIED");
    user.post(sandbox.at("/commands"), Map.of("command", "true")).expectError(403, "ACTION_DENIED");
    user.post(sandbox.at("/processes"), Map.of("command", "true"))
        .expectError(403, "ACTION_DENIED");
    user.post(sandbox.at("/code/run"), Map.of("code", "1")).expectError(403, "ACTION_DENIED");
    assertEquals("deny", ask(user, "sandbox.exec").expect(403).string("decision"));
    assertEquals("deny", ask(user, "sandbox.python").expect(403).string("decision"));
    // The policy binds users, and nothing but what it names.
    exec(given.api).expect(200);
    user.get(sandbox.at("")).expect(200);
  }

  @Test
  void whoMayNotRunCommandsMayNotHaveThemRunByACreateEither() {
    policy("sandbox.exec", "deny");
    List<Map<String, Object>> beginnings =
        List.of(
            Map.of("setup_file", "true"),
            Map.of("entrypoint", "sleep 60"),
            Map.of("services", List.of(Map.of("name", "one", "command", "sleep 60"))),
            Map.of("auto_start", true),
            Map.of("readiness_probe", Map.of("command", "true")));
    for (Map<String, Object> beginning : beginnings) {
      user.post("/sandboxes", beginning).expectError(403, "ACTION_DENIED");
      Map<String, Object> many = new HashMap<>(beginning);
      many.put("count", 1);
      user.post("/sandboxes/batch", many).expectError(403, "ACTION_DENIED");
    }
    Reply plain = user.post("/sandboxes", Map.of()).expect(201);
    given.api.delete("/sandboxes/" + plain.string("id")).expect(204);
  }

  @Test
  void aCreateThatRunsCommandsWaitsForTheirApproval() {
    policy("sandbox.exec", "approval");
    Map<String, Object> beginning = Map.of("setup_file", "echo begun > /workspace/begun");
    String id = approval(user.post("/sandboxes", beginning).expectError(403, "APPROVAL_REQUIRED"));
    given.api.post("/actions/approvals/" + id + "/approve", Map.of()).expect(200);
    user.post("/sandboxes", Map.of("setup_file", "echo other"))
        .expectError(403, "APPROVAL_REQUIRED");
    Reply made = user.post("/sandboxes", beginning).expect(201);
    given.api.delete("/sandboxes/" + made.string("id")).expect(204);
    user.post("/sandboxes", beginning).expectError(403, "APPROVAL_REQUIRED");
  }

  @Test
  void aKeyThatMayNotRunCommandsMayNotHaveThemRunByACreateEither() {
    JsonNode key = keyWith("sandboxes:create");
    Api creator = given.api.withKey(key.path("key").asString());
    creator.post("/sandboxes", Map.of("setup_file", "true")).expectError(403, "insufficient_scope");
    Reply plain = creator.post("/sandboxes", Map.of()).expect(201);
    given.api.delete("/sandboxes/" + plain.string("id")).expect(204);
    given.api.delete("/api-keys/" + key.path("id").asString()).expect(204);
  }

  private JsonNode keyWith(String scope) {
    Map<String, Object> wish = Map.of("name", Given.unique("key"), "scopes", List.of(scope));
    return given.api.post("/api-keys", wish).expect(201).json().path("data");
  }

  @Test
  void anApprovalIsGoodForThatVeryRequestAndForOneDeed() {
    policy("sandbox.exec", "approval");
    String id = approval(exec(user).expectError(403, "APPROVAL_REQUIRED"));
    assertEquals(id, approval(exec(user).expectError(403, "APPROVAL_REQUIRED")), "asked once");
    user.post("/actions/approvals/" + id + "/approve", Map.of()).expectError(403, "FORBIDDEN");
    given.stranger.post("/actions/approvals/" + id + "/approve", Map.of()).expect(404);
    given.api.post("/actions/approvals/" + id + "/approve", Map.of("reason", "fine")).expect(200);
    user.post(sandbox.at("/exec"), Map.of("command", "echo other"))
        .expectError(403, "APPROVAL_REQUIRED");
    exec(user).expect(200);
    exec(user).expectError(403, "APPROVAL_REQUIRED");
  }

  @Test
  void whoMayNotDestroyOneMayNotDestroyManyEither() {
    policy("sandbox.destroy", "approval");
    Map<String, Object> many = Map.of("ids", List.of(sandbox.id()));
    String id =
        approval(user.post("/bulk/sandboxes/destroy", many).expectError(403, "APPROVAL_REQUIRED"));
    given.api.post("/actions/approvals/" + id + "/deny", Map.of()).expect(200);
    user.post("/bulk/sandboxes/destroy", many).expect(403);
    user.get(sandbox.at("")).expect(200);
    // An approval is for these ones, and for one job.
    Sandbox doomed = given.aSandbox().running();
    Map<String, Object> one = Map.of("ids", List.of(doomed.id()));
    String second =
        approval(user.post("/bulk/sandboxes/destroy", one).expectError(403, "APPROVAL_REQUIRED"));
    given.api.post("/actions/approvals/" + second + "/approve", Map.of()).expect(200);
    user.post("/bulk/sandboxes/destroy", many).expect(403);
    user.post("/bulk/sandboxes/destroy", one).expect(200);
    Given.eventually(
        20, "it is gone", () -> given.api.get(doomed.at("")).string("state").equals("destroyed"));
    user.get(sandbox.at("")).expect(200);
  }

  @Test
  void noOtherWayLeadsToWhatIsDenied() {
    policy("egress.network.allow", "deny");
    user.json("PUT", sandbox.at("/network-policy"), Map.of("rules", List.of()), Map.of())
        .expectError(403, "ACTION_DENIED");
    user.post("/egress/policies", Map.of("name", "open")).expectError(403, "ACTION_DENIED");
    user.delete("/egress/allowlist/any").expectError(403, "ACTION_DENIED");
    policy("sandbox.destroy", "deny");
    user.post("/workspaces/any/cleanup", Map.of()).expectError(403, "ACTION_DENIED");
    user.delete("/workspaces/any").expectError(403, "ACTION_DENIED");
    policy("webhook.create", "deny");
    user.json("PATCH", "/webhooks/any", Map.of(), Map.of()).expectError(403, "ACTION_DENIED");
    Map<String, Object> route =
        Map.of("consumer_kind", "webhook", "consumer_id", "any", "event_type", "sandbox.created");
    user.post("/event-subscriptions", route).expectError(403, "ACTION_DENIED");
  }

  @Test
  void whoMayNotReadFilesMayNotSearchThemEither() {
    policy("sandbox.read.file", "deny");
    user.post(sandbox.at("/files/search"), Map.of("path", "/etc", "query", "root"))
        .expectError(403, "ACTION_DENIED");
  }

  @Test
  void whoMayNotWriteFilesMayNotImportThemEither() {
    policy("sandbox.write.file", "deny");
    user.post(sandbox.at("/files/import?path=/tmp"), Map.of()).expectError(403, "ACTION_DENIED");
    user.post(sandbox.at("/fs/import?path=/tmp"), Map.of()).expectError(403, "ACTION_DENIED");
  }

  @Test
  void aDeedThatIsRefusedGivesItsApprovalBack() {
    policy("sandbox.exec", "approval");
    Map<String, Object> wrong = Map.of("command", "true", "user", "No Body");
    Reply first = user.post(sandbox.at("/exec"), wrong).expectError(403, "APPROVAL_REQUIRED");
    given.api.post("/actions/approvals/" + approval(first) + "/approve", Map.of()).expect(200);
    Reply refused = user.post(sandbox.at("/exec"), wrong);
    assertTrue(refused.status() == 400 || refused.status() == 422, refused::toString);
    String status =
        given.api.get("/actions/approvals/" + approval(first)).expect(200).string("status");
    assertEquals("approved", status);
  }

  @Test
  void aDenialEndsTheQuestion() {
    policy("sandbox.exec", "approval");
    String id = approval(exec(user).expectError(403, "APPROVAL_REQUIRED"));
    given.api.post("/actions/approvals/" + id + "/deny", Map.of()).expect(200);
    given
        .api
        .post("/actions/approvals/" + id + "/approve", Map.of())
        .expectError(409, "RESOURCE_STATE");
    String next = approval(exec(user).expectError(403, "APPROVAL_REQUIRED"));
    assertTrue(!next.equals(id));
  }

  @Test
  void aGrantStandsInForApprovalsUntilItIsUsedUpOrTakenBack() {
    policy("sandbox.*", "approval");
    user.get(sandbox.at("")).expectError(403, "APPROVAL_REQUIRED");
    Map<String, Object> wish = new HashMap<>();
    wish.put("capability", "sandbox.exec");
    wish.put("principal_type", "api_key");
    wish.put("principal_id", userId);
    wish.put("constraints", Map.of("max_uses", 2));
    user.post("/actions/grants", wish).expectError(403, "FORBIDDEN");
    String grant = given.api.post("/actions/grants", wish).expect(201).string("id");
    assertEquals("allow", ask(user, "sandbox.exec").expect(200).string("decision"));
    exec(user).expect(200);
    exec(user).expect(200);
    exec(user).expectError(403, "APPROVAL_REQUIRED");
    given.stranger.delete("/actions/grants/" + grant).expectError(404, "NOT_FOUND");
    given.api.delete("/actions/grants/" + grant).expect(200);
    wish.put("capability", "no.such");
    given.api.post("/actions/grants", wish).expectFieldError("capability");
  }

  @Test
  void aPolicyThatIsCloserGoesBeforeAWiderOne() {
    policy("*", "deny");
    policy("sandbox.exec", "allow");
    exec(user).expect(200);
    user.get(sandbox.at("")).expectError(403, "ACTION_DENIED");
  }

  @Test
  void aDecisionLooksAtScopeRoleAndFingerprint() {
    JsonNode key = keyWith("sandboxes:read");
    Api reader = given.api.withKey(key.path("key").asString());
    assertEquals("allow", ask(reader, "sandbox.get").expect(200).string("decision"));
    Reply denied = ask(reader, "sandbox.exec").expect(403);
    assertTrue(denied.string("reason").contains("sandboxes:exec"), denied::toString);
    assertEquals("deny", ask(user, "api.key.create").expect(403).string("decision"));
    Map<String, Object> stale = new HashMap<>();
    stale.put("capability", Map.of("name", "sandbox.get", "fingerprint", HASH));
    stale.put("request_fingerprint", HASH);
    stale.put("params_fingerprint", HASH);
    stale.put("surface", "mcp");
    assertTrue(
        user.post("/actions/authorize", stale).expect(403).string("reason").contains("catalogue"));
    given.api.delete("/api-keys/" + key.path("id").asString()).expect(204);
  }

  @Test
  void everyDecisionHasAReceiptAndAnEntryOfTheAuditLog() {
    policy("sandbox.exec", "approval");
    Reply asked = ask(user, "sandbox.exec").expect(202);
    String receipt = asked.string("receipt_id");
    assertTrue(given.api.get("/actions/receipts").text().contains(receipt));
    JsonNode entries =
        given
            .api
            .get("/audit-log?action=action.pending_approval&actor_id=" + userId)
            .expect(200)
            .json()
            .path("data");
    assertTrue(entries.toString().contains(receipt), entries::toString);
    assertTrue(!given.stranger.get("/actions/receipts").text().contains(receipt));
  }

  @Test
  void anAppMayDoOnlyWhatItWasGranted() {
    JsonNode entry = entry("sandbox.get");
    Map<String, Object> body =
        Map.of(
            "capability",
            Map.of("name", "sandbox.get", "fingerprint", entry.path("fingerprint")),
            "request_fingerprint",
            HASH,
            "params_fingerprint",
            HASH,
            "surface",
            "app");
    String app = Given.unique("app");
    given.api.post("/actions/apps/" + app + "/authorize", body).expect(403);
    given
        .api
        .post(
            "/actions/grants",
            Map.of("capability", "sandbox.get", "principal_type", "app", "principal_id", app))
        .expect(201);
    given.api.post("/actions/apps/" + app + "/authorize", body).expect(200);
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a bounded grant allows is done, and nothing besides. */
final class GrantBoundsTest {
  /** Of the body {}. */
  private static final String PARAMS =
      "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

  private PlatformWithNode running;
  private ApiClient owner;
  private ApiClient agent;
  private String agentId;
  private String workspace;
  private String sandbox;
  private String elsewhere;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    workspace = made("/workspaces", "{\"name\":\"w\"}").path("id").asString();
    sandbox = made("/sandboxes", "{" + place() + "}").path("id").asString();
    elsewhere = made("/sandboxes", "{}").path("id").asString();
    JsonNode key = made("/api-keys", "{\"name\":\"agent\"}");
    agent = running.as(key.path("key").asString());
    agentId = key.path("id").asString();
    approvals("sandbox.pause");
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String place() {
    return "\"workspace_id\":\"" + workspace + "\"";
  }

  private JsonNode made(String path, String body) {
    Answer answer = owner.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("id") ? json : json.path("data");
  }

  private void approvals(String action) {
    String rule = "{\"decision\":\"approval\",\"roles\":[\"user\"]}";
    Answer set = owner.call("PUT", "/actions/verdicts/" + action, rule);
    assertEquals(200, set.status(), set.text());
  }

  private String grant(String capability, String bounds) {
    return made(
            "/actions/grants",
            "{\"capability\":\"%s\",\"principal_type\":\"api_key\",\"principal_id\":\"%s\",%s}"
                .formatted(capability, agentId, bounds))
        .path("id")
        .asString();
  }

  private void allowed(String capability) {
    Answer asked =
        agent.post(
            "/actions/authorize",
            """
            {"capability":{"name":"%s"},"request_fingerprint":"sha256:%s",
              "params_fingerprint":"%s","surface":"mcp",%s}\
            """
                .formatted(capability, "a".repeat(64), PARAMS, place()));
    assertEquals(200, asked.status(), asked.text());
  }

  private Answer pause(String id) {
    return agent.post("/sandboxes/" + id + "/pause", "{}");
  }

  private static void waits(Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("APPROVAL_REQUIRED", answer.code(), answer.text());
  }

  @Test
  void aGrantForAWorkspaceCoversWhatIsDoneThere() {
    approvals("sandbox.create");
    grant("sandbox.pause", place());
    grant("sandbox.create", place());
    waits(pause(elsewhere));
    assertEquals(200, pause(sandbox).status());
    assertEquals(201, agent.post("/sandboxes", "{" + place() + "}").status());
    String project = made("/projects", "{\"name\":\"p\"," + place() + "}").path("id").asString();
    Answer inProject = agent.post("/sandboxes", "{\"project_id\":\"" + project + "\"}");
    assertEquals(201, inProject.status(), inProject.text());
    waits(agent.post("/sandboxes", "{}"));
    waits(agent.post("/sandboxes", "{\"workspace_name\":\"new\"}"));
  }

  @Test
  void aGrantForASurfaceIsGoodForOneDeedAfterEachQuestion() {
    grant("sandbox.pause", "\"constraints\":{\"surfaces\":[\"mcp\"]}");
    waits(pause(sandbox));
    allowed("sandbox.pause");
    assertEquals(200, pause(sandbox).status());
    waits(pause(elsewhere));
    allowed("sandbox.pause");
    assertEquals(200, pause(elsewhere).status());
  }

  @Test
  void aGrantForAWorkspaceCoversNothingThatNamesAnother() {
    approvals("sandbox.create");
    grant("sandbox.create", place());
    String there = made("/sandboxes/" + elsewhere + "/snapshots", "{}").path("id").asString();
    String here = made("/sandboxes/" + sandbox + "/snapshots", "{}").path("id").asString();
    String fork = "/sandboxes/" + sandbox + "/fork";
    waits(agent.post(fork, "{\"snapshot_id\":\"" + there + "\"}"));
    waits(agent.post("/sandboxes/" + sandbox + "/restore/" + there, "{}"));
    Answer own = agent.post(fork, "{\"snapshot_id\":\"" + here + "\"}");
    assertEquals(201, own.status(), own.text());
    String volume = made("/volumes", "{\"name\":\"v\",\"size_gb\":1}").path("id").asString();
    String mounts = "\"volumes\":[{\"volume_id\":\"" + volume + "\",\"mount_path\":\"/v\"}]";
    waits(agent.post("/sandboxes", "{" + place() + "," + mounts + "}"));
  }

  @Test
  void aGrantForParametersCoversNoOthers() {
    approvals("sandbox.exec");
    grant(
        "sandbox.exec",
        "\"constraints\":{\"surfaces\":[\"mcp\"],\"params_fingerprint\":\"" + PARAMS + "\"}");
    allowed("sandbox.exec");
    waits(agent.post("/sandboxes/" + sandbox + "/exec", "{\"command\":\"id\"}"));
  }

  @Test
  void whatBoundsAGrantHoldsForTheDeedToo() {
    String bounds =
        place()
            + ",\"constraints\":{\"surfaces\":[\"mcp\"],\"params_fingerprint\":\""
            + PARAMS
            + "\",\"max_uses\":1}";
    String grant = grant("sandbox.pause", bounds);
    allowed("sandbox.pause");
    allowed("sandbox.pause");
    waits(pause(elsewhere));
    assertEquals(200, pause(sandbox).status());
    assertEquals(200, owner.post("/sandboxes/" + sandbox + "/resume", "{}").status());
    waits(pause(sandbox));
    JsonNode used = owner.get("/actions/grants").json().path("data").get(0);
    assertEquals(grant, used.path("id").asString());
    assertEquals("used_up", used.path("status").asString(), used::toString);
  }

  @Test
  void aDeedThatIsRefusedUsesNothingUp() {
    grant("sandbox.pause", "\"constraints\":{\"surfaces\":[\"mcp\"],\"max_uses\":1}");
    allowed("sandbox.pause");
    assertEquals(404, pause("sbx_00000000000000000000000000").status());
    assertEquals(200, pause(sandbox).status());
    waits(pause(elsewhere));
  }

  @Test
  void whoeverTakesAGrantBackTakesWhatItAllowed() {
    String grant = grant("sandbox.pause", "\"constraints\":{\"surfaces\":[\"mcp\"]}");
    allowed("sandbox.pause");
    assertEquals(200, owner.delete("/actions/grants/" + grant).status());
    waits(pause(sandbox));
  }
}

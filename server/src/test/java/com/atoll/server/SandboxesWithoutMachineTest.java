package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the API of sandboxes says while no node answers. */
class SandboxesWithoutMachineTest {
  private static final String UNKNOWN = "/sandboxes/sbx_00000000000000000000000000";
  private static RunningPlatform running;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningPlatform();
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @Test
  void aCreateIsToTryAgainAndLeavesNothing() {
    ApiClient owner = running.owner();
    Answer refused = owner.with("Idempotency-Key", "k").post("/sandboxes", "{}");
    assertEquals(503, refused.status());
    assertEquals("NODE_UNAVAILABLE", refused.code());
    assertTrue(refused.json().path("error").path("retryable").asBoolean());
    assertEquals("1", refused.header("retry-after"));
    assertEquals(0, owner.get("/sandboxes").json().path("meta").path("total").asInt());
  }

  @Test
  void wrongFieldsAreNamed() {
    ApiClient owner = running.owner();
    wrong(owner, "{\"size\":\"huge\"}", "size");
    wrong(owner, "{\"size\":\"small\",\"cpu_count\":8}", "cpu_count");
    wrong(owner, "{\"cpu_count\":0}", "cpu_count");
    wrong(owner, "{\"memory_mb\":\"2048\"}", "memory_mb");
    wrong(owner, "{\"slug\":\"Not A Host\"}", "slug");
    wrong(owner, "{\"slug\":\"api\"}", "slug");
    wrong(owner, "{\"name\":\"a\\nb\"}", "name");
    wrong(owner, "{\"tags\":[\"a,b\"]}", "tags");
    wrong(owner, "{\"env\":{\"A=\":\"x\"}}", "env");
    wrong(owner, "{\"timeout_sec\":-1}", "timeout_sec");
    wrong(owner, "{\"timeout_sec\":3600.5}", "timeout_sec");
    wrong(owner, "{\"runtime_profile\":\"soma\"}", "runtime_profile");
    wrong(owner, "{\"gpu_count\":-1}", "gpu_count");
    wrong(owner, "{\"services\":[{\"name\":\"x\"}]}", "services");
    wrong(owner, "{\"entrypoint\":7}", "entrypoint");
    wrong(owner, "{\"github_repo_url\":\"--upload-pack=x\"}", "github_repo_url");
  }

  private static void wrong(ApiClient owner, String body, String field) {
    Answer answer = owner.post("/sandboxes", body);
    assertEquals(422, answer.status(), body);
    assertEquals("VALIDATION_FAILED", answer.code(), body);
    assertTrue(answer.json().path("errors").has(field), answer.text());
  }

  @Test
  void whatIsNotBuiltSaysSo() {
    ApiClient owner = running.owner();
    assertEquals(501, owner.post("/sandboxes", "{\"database\":true}").status());
    assertEquals(501, owner.post("/sandboxes", "{\"allow_provision\":true}").status());
    assertEquals(501, owner.post("/deployments/none/database", "{}").status());
    assertEquals(404, owner.get(UNKNOWN + "/ssh-info").status());
    assertEquals(404, owner.get("/sandboxes/batches/b").status());
  }

  @Test
  void anUnknownSandboxIsA404Everywhere() {
    ApiClient owner = running.owner();
    for (String path :
        List.of(
            "",
            "/readiness",
            "/readiness/stream",
            "/resources",
            "/usage",
            "/env",
            "/events",
            "/processes",
            "/processes/1",
            "/processes/1/logs",
            "/processes/1/stream",
            "/commands",
            "/files",
            "/files/tree",
            "/files/watch",
            "/files/workspace/a.txt",
            "/fs/download?path=a",
            "/previews",
            "/previews/p",
            "/shares",
            "/exports/download?path=a")) {
      assertEquals("sandbox_not_found", owner.get(UNKNOWN + path).code(), path);
    }
    for (String path :
        List.of(
            "/pause",
            "/stop",
            "/resume",
            "/extend",
            "/expose",
            "/preview-token",
            "/shares",
            "/fork",
            "/terminal")) {
      assertEquals("sandbox_not_found", owner.post(UNKNOWN + path, "{}").code(), path);
    }
    assertEquals(
        "sandbox_not_found", owner.post(UNKNOWN + "/exec", "{\"command\":\"true\"}").code());
    assertEquals(404, owner.delete(UNKNOWN).status());
  }

  @Test
  void aBadPathOrCommandIsRefusedBeforeAnythingElse() {
    ApiClient owner = running.owner();
    assertEquals("INVALID_PATH", owner.get(UNKNOWN + "/fs/download?path=../../..").code());
    assertEquals("INVALID_PATH", owner.get(UNKNOWN + "/fs/download").code());
    assertEquals(422, owner.post(UNKNOWN + "/exec", "{}").status());
    assertEquals(422, owner.post(UNKNOWN + "/exec", "{\"command\":\"\"}").status());
    assertEquals(422, owner.post(UNKNOWN + "/exec", "{\"command\":[\"a\",1]}").status());
    assertEquals(
        "TIMEOUT_TOO_LONG",
        owner.post(UNKNOWN + "/commands", "{\"command\":\"a\",\"timeout_seconds\":601}").code());
    assertEquals(
        422,
        owner.post(UNKNOWN + "/fs/write", "{\"path\":\"a\",\"content_base64\":\"*\"}").status());
    assertEquals(
        422,
        owner
            .post(
                UNKNOWN + "/fs/write",
                "{\"path\":\"a\",\"content\":\"x\",\"content_base64\":\"eA==\"}")
            .status());
    assertEquals(400, owner.get("/sandboxes/..%2f..").status());
    assertEquals(400, owner.get("/sandboxes?state=happy").status());
  }
}

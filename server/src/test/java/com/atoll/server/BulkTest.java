package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One request for many sandboxes or policies, over the real server and a node in memory. */
final class BulkTest {
  private final List<String> made = new ArrayList<>();
  private Installation installation;
  private MemoryNode node;
  private Platform platform;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    Installation database = TestPostgres.get().installation();
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), database.run().resolve("pg"));
    installation = Installations.in(database.home(), folder);
    node = new MemoryNode(installation.nodeSocket());
    start();
    api = organization();
  }

  @AfterEach
  void end() throws Exception {
    made.forEach(id -> api.delete("/sandboxes/" + id));
    platform.close();
    node.close();
    try (Stream<Path> left = Files.list(installation.run())) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(installation.run());
  }

  private void start() throws Exception {
    platform = new Platform(installation);
    platform.start();
    await(() -> ApiClient.at(installation.serverSocket()).get("/readyz").status() == 200);
  }

  private ApiClient organization() {
    String key = new Organizations(platform.store()).create("org " + UUID.randomUUID()).value();
    return ApiClient.at(installation.serverSocket()).as(key);
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(5_000_000);
    }
  }

  private String sandbox(String more) {
    Answer answer = api.post("/sandboxes", "{" + more + "}");
    assertEquals(201, answer.status(), answer.text());
    made.add(answer.json().path("id").asString());
    return made.getLast();
  }

  private String state(String id) {
    return api.get("/sandboxes/" + id).json().path("state").asString();
  }

  private static String ids(String... ids) {
    return "{\"ids\":[\"" + String.join("\",\"", ids) + "\"]}";
  }

  private static JsonNode begun(Answer answer) {
    assertEquals(200, answer.status(), answer.text());
    assertEquals(answer.json().path("job_id"), answer.json().path("data").path("job_id"));
    return answer.json();
  }

  /** The job of an answer, once it has ended. */
  private JsonNode ended(Answer answer) {
    String path = "/bulk/jobs/" + begun(answer).path("job_id").asString();
    await(() -> !api.get(path).json().path("finished_at").isNull());
    return api.get(path).json().path("data");
  }

  private static void refused(Answer answer, String field) {
    assertEquals(422, answer.status(), answer.text());
    assertTrue(answer.text().contains('"' + field + '"'), answer.text());
  }

  @Test
  void sandboxesArePausedResumedAndDestroyedByIdAndByFilter() {
    String one = sandbox("\"tags\":[\"many\",\"a\"]");
    String two = sandbox("\"tags\":[\"many\"],\"slug\":\"two-" + UUID.randomUUID() + "\"");
    String other = sandbox("\"tags\":[\"else\"]");
    String slug = api.get("/sandboxes/" + two).json().path("slug").asString();

    Answer paused = api.post("/bulk/sandboxes/pause", ids(one, slug, two, "no-such"));
    assertEquals(3, begun(paused).path("queued").asInt());
    JsonNode job = ended(paused);
    assertEquals("completed", job.path("status").asString());
    assertEquals("pause", job.path("action").asString());
    assertEquals(3, job.path("processed").asInt());
    assertEquals(2, job.path("succeeded").asInt());
    assertEquals(1, job.path("errors").size());
    assertEquals("no-such", job.path("errors").get(0).path("id").asString());
    assertEquals("sandbox_not_found", job.path("errors").get(0).path("code").asString());
    assertEquals(List.of("paused", "paused", "running"), states(one, two, other));

    String all = "{\"filter\":{\"tags\":[\"many\"],\"state\":\"paused\"}}";
    JsonNode resumed = ended(api.post("/bulk/sandboxes/resume", all));
    assertEquals(2, resumed.path("succeeded").asInt(), resumed::toString);
    assertEquals(List.of("running", "running", "running"), states(one, two, other));

    String both = "{\"filter\":{\"tags\":\"many,a\"}}";
    assertEquals(1, ended(api.post("/bulk/sandboxes/destroy", both)).path("succeeded").asInt());
    assertEquals(List.of("destroyed", "running", "running"), states(one, two, other));

    JsonNode gone = ended(api.post("/bulk/sandboxes/resume", ids(one)));
    assertEquals("failed", gone.path("status").asString());
    JsonNode item =
        api.get("/bulk/jobs/" + gone.path("id").asString() + "/items").json().path("data").get(0);
    assertEquals("failed", item.path("status").asString());
    assertEquals("SANDBOX_DESTROYED", item.path("error_code").asString());
    JsonNode work = api.get("/operations/" + gone.path("id").asString()).json().path("data");
    assertEquals("bulk_job.failed", work.path("current_step").asString());

    String none = "{\"filter\":{\"workspace_id\":\"nowhere\"}}";
    JsonNode empty = ended(api.post("/bulk/sandboxes/destroy", none));
    assertEquals("completed", empty.path("status").asString());
    assertEquals(0, empty.path("total").asInt());
    assertEquals(List.of("running", "running"), states(two, other));
  }

  private List<String> states(String... ids) {
    return Stream.of(ids).map(this::state).toList();
  }

  @Test
  void whatWouldMeanTooManyOrNothingIsRefused() {
    String sandbox = sandbox("");
    for (String act : List.of("pause", "resume", "destroy")) {
      String path = "/bulk/sandboxes/" + act;
      refused(api.post(path, "{}"), "ids");
      refused(api.post(path, "{\"ids\":[]}"), "ids");
      refused(api.post(path, "{\"ids\":[\"\"]}"), "ids");
      refused(api.post(path, "{\"ids\":[null]}"), "ids");
      refused(api.post(path, "{\"ids\":[1]}"), "ids");
      refused(api.post(path, "{\"ids\":\"" + sandbox + "\"}"), "ids");
      String many =
          IntStream.range(0, 10_001).mapToObj(i -> "s" + i).collect(Collectors.joining("\",\""));
      refused(api.post(path, ids(many)), "ids");
      refused(api.post(path, "{\"ids\":[\"a\"],\"filter\":{\"tags\":[\"a\"]}}"), "filter");
      refused(api.post(path, "{\"filter\":{}}"), "filter");
      refused(api.post(path, "{\"filter\":[]}"), "filter");
      refused(api.post(path, "{\"filter\":{\"tag\":\"a\"}}"), "filter");
      refused(api.post(path, "{\"filter\":{\"tags\":\"a\",\"stat\":\"x\"}}"), "filter");
      refused(api.post(path, "{\"filter\":{\"tags\":[]}}"), "filter.tags");
      refused(api.post(path, "{\"filter\":{\"tags\":[[]]}}"), "filter.tags");
      refused(api.post(path, "{\"filter\":{\"state\":\"asleep\"}}"), "filter.state");
      refused(api.post(path, "{\"filter\":{\"workspace_id\":null}}"), "filter.workspace_id");
      refused(
          api.post(path, "{\"filter\":{\"external_user_id\":\"\"}}"), "filter.external_user_id");
      refused(api.post(path, "{\"filter\":{\"metadata\":{}}}"), "filter.metadata");
    }
    assertEquals("running", state(sandbox));
  }

  @Test
  void sandboxesAndJobsOfAnotherOrganizationDoNotExist() {
    String mine = sandbox("\"tags\":[\"mine\"]");
    ApiClient stranger = organization();
    Answer taken = stranger.post("/bulk/sandboxes/destroy", ids(mine));
    String path = "/bulk/jobs/" + begun(taken).path("job_id").asString();
    await(() -> !stranger.get(path).json().path("finished_at").isNull());
    JsonNode job = stranger.get(path).json();
    assertEquals("failed", job.path("status").asString());
    assertEquals("sandbox_not_found", job.path("errors").get(0).path("code").asString());
    assertEquals(
        0,
        begun(stranger.post("/bulk/sandboxes/destroy", "{\"filter\":{\"tags\":[\"mine\"]}}"))
            .path("queued")
            .asInt());
    assertEquals("running", state(mine));
    assertEquals(404, api.get(path).status());
    assertEquals(404, api.get(path + "/items").status());
    assertEquals(404, api.get("/bulk/jobs/none").status());
  }

  @Test
  void aKeyIsOneJobAndScopesAreThoseOfOne() {
    String id = sandbox("");
    ApiClient keyed = api.with("Idempotency-Key", "once");
    JsonNode first = begun(keyed.post("/bulk/sandboxes/pause", ids(id)));
    assertEquals(first, begun(keyed.post("/bulk/sandboxes/pause", ids(id))));
    assertEquals(409, keyed.post("/bulk/sandboxes/pause", ids("other")).status());

    ApiClient reader = scoped("sandboxes:read");
    assertEquals(403, reader.post("/bulk/sandboxes/destroy", ids(id)).status());
    String path = "/bulk/jobs/" + first.path("job_id").asString();
    assertEquals(200, reader.get(path).status());
    ApiClient elsewhere = scoped("volumes:read");
    assertEquals("insufficient_scope", elsewhere.get(path).code());
    assertEquals(403, scoped("sandboxes:*").post("/bulk/policy/apply", "{}").status());
  }

  private ApiClient scoped(String scope) {
    Answer key = api.post("/api-keys", "{\"name\":\"k\",\"scopes\":[\"" + scope + "\"]}");
    assertEquals(201, key.status(), key.text());
    return ApiClient.at(installation.serverSocket())
        .as(key.json().path("data").path("key").asString());
  }

  @Test
  void aPolicyIsSetForManyWorkspacesAndUsers() {
    String policy = ",\"policy\":{\"lifecycle\":{\"max_timeout_sec\":60}}}";
    String workspace =
        api.post("/workspaces", "{\"name\":\"w\",\"external_workspace_id\":\"cust\"}")
            .json()
            .path("data")
            .path("id")
            .asString();
    String found = "{\"tier\":\"workspace\",\"filter\":{\"external_workspace_id\":\"cust\"}";
    assertEquals(
        1, ended(api.post("/bulk/policy/apply", found + policy)).path("succeeded").asInt());
    assertEquals(60, timeout("/workspaces/" + workspace + "/policy"));

    String users = "{\"tier\":\"user\",\"ids\":[\"ann\",\"bob\"]";
    assertEquals(
        2, ended(api.post("/bulk/policy/apply", users + policy)).path("succeeded").asInt());
    assertEquals(60, timeout("/external-users/bob/policy"));

    sandbox("\"tags\":[\"t\"],\"external_user_id\":\"cid\",\"timeout_sec\":50");
    String tagged = "{\"tier\":\"user\",\"filter\":{\"tags\":[\"t\"]}";
    assertEquals(
        1, ended(api.post("/bulk/policy/apply", tagged + policy)).path("succeeded").asInt());
    assertEquals(60, timeout("/external-users/cid/policy"));

    String org = api.get("/platform/tenants/current").json().path("id").asString();
    String tenant = "{\"tier\":\"tenant\",\"ids\":[\"" + org + "\",\"org_other\"]";
    JsonNode job = ended(api.post("/bulk/policy/apply", tenant + policy));
    assertEquals(1, job.path("succeeded").asInt(), job::toString);
    assertEquals("NOT_FOUND", job.path("errors").get(0).path("code").asString());
    assertEquals(60, timeout("/tenant/policy"));

    String apply = "/bulk/policy/apply";
    refused(api.post(apply, "{\"tier\":\"user\",\"ids\":[\"a\"]}"), "policy");
    refused(api.post(apply, "{\"tier\":\"planet\",\"ids\":[\"a\"]" + policy), "tier");
    refused(api.post(apply, "{\"tier\":\"user\"" + policy), "ids");
    refused(api.post(apply, "{\"tier\":\"tenant\",\"filter\":{\"a\":1}" + policy), "filter");
    refused(api.post(apply, "{\"tier\":\"workspace\",\"filter\":{}" + policy), "filter");
    refused(
        api.post(apply, "{\"tier\":\"workspace\",\"filter\":{\"tags\":[\"t\"]}" + policy),
        "filter");
    String wrong = ",\"policy\":{\"lifecycle\":{\"max_timeout_sec\":\"long\"}}}";
    refused(api.post(apply, users + wrong), "lifecycle");
  }

  private int timeout(String path) {
    return api.get(path).json().path("lifecycle").path("max_timeout_sec").asInt();
  }

  @Test
  void aServerThatStartsAgainGoesOnWithAJob() throws Exception {
    String one = sandbox("");
    String two = sandbox("");
    node.close();
    Answer asked = api.post("/bulk/sandboxes/pause", ids(one, two));
    String path = "/bulk/jobs/" + begun(asked).path("job_id").asString();
    await(() -> api.get(path).json().path("status").asString().equals("running"));
    assertEquals(0, api.get(path).json().path("processed").asInt());
    platform.close();
    MemoryNode again = new MemoryNode(installation.nodeSocket());
    again.workloads.putAll(node.workloads);
    node = again;
    start();
    assertEquals(2, ended(asked).path("succeeded").asInt());
    assertEquals(List.of("paused", "paused"), states(one, two));
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.Ids;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Builds that are ended before their time, and names of templates that nobody made. */
final class TemplateBuildsTest {
  private static final String SPEC = "\"build_spec\":{\"from\":\"docker.io/library/debian:13\"}";

  private PlatformWithNode running;
  private MemoryNode node;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    node = running.node();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String template() {
    Answer made = api.post("/sandbox-templates", "{\"name\":\"t\"," + SPEC + "}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  private JsonNode newestBuild(String template) {
    return api.get("/sandbox-templates/" + template + "/builds").json().path("data").get(0);
  }

  private boolean isOnNode(String build, String state) {
    TemplateBuild there = node.builds.get(build);
    return there != null && there.getState().equals(state);
  }

  @Test
  void aBuildIsCancelledOnceAndForAll() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    PlatformWithNode.await(() -> newestBuild(template).path("state").asString().equals("building"));
    String cancel = "/sandbox-template-builds/" + build + "/cancel";
    assertEquals(404, running.someone().post(cancel, "").status());
    JsonNode first = api.post(cancel, "").json().path("data");
    assertEquals("cancelled", first.path("state").asString());
    assertEquals("BUILD_CANCELLED", first.path("error_code").asString());
    assertTrue(first.hasNonNull("finished_at") && first.hasNonNull("started_at"), first::toString);
    PlatformWithNode.await(() -> isOnNode(build, "cancelled"));
    Answer again = api.post(cancel, "{}");
    assertEquals(200, again.status(), again.text());
    assertEquals(first.path("finished_at"), again.json().path("data").path("finished_at"));
    assertEquals(
        List.of("building", "cancelled"),
        first
            .path("metadata")
            .path("events")
            .valueStream()
            .map(event -> event.path("event").asString())
            .toList());
    JsonNode row = api.get("/sandbox-templates/" + template).json().path("data");
    assertEquals("failed", row.path("status").asString());
    assertEquals(204, api.delete("/sandbox-templates/" + template).status());
  }

  @Test
  void oneThatTheNodeBeganAfterItWasCancelledIsCalledOffThere() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    PlatformWithNode.await(() -> newestBuild(template).path("state").asString().equals("building"));
    api.post("/sandbox-template-builds/" + build + "/cancel", "");
    PlatformWithNode.await(() -> isOnNode(build, "cancelled"));
    node.builds.put(build, TemplateBuild.newBuilder().setId(build).setState("building").build());
    running.compared(() -> isOnNode(build, "cancelled"));
    assertEquals("cancelled", newestBuild(template).path("state").asString());
  }

  @Test
  void oneThatHasEndedIsNotCancelled() {
    String template = template();
    String build = newestBuild(template).path("id").asString();
    ended(template, "failed");
    Answer refused = api.post("/sandbox-template-builds/" + build + "/cancel", "");
    assertEquals(409, refused.status(), refused.text());
    assertEquals("CONFLICT", refused.code());
  }

  @Test
  void anotherSpecificationCountsOnceItIsBuilt() {
    String first =
        "{\"from\":\"docker.io/library/debian:13\",\"size\":\"xs\",\"workdir\":\"/one\",\"startCmd\":\"old\"}";
    String second =
        "{\"from\":\"docker.io/library/debian:13\",\"size\":\"large\",\"workdir\":\"/two\",\"startCmd\":\"new\",\"previewPort\":9}";
    Answer made = api.post("/sandbox-templates", "{\"name\":\"t\",\"build_spec\":" + first + "}");
    assertEquals(201, made.status(), made.text());
    String template = "/sandbox-templates/" + made.json().path("id").asString();
    String slug = made.json().path("slug").asString();
    ended(made.json().path("id").asString(), "ready");
    JsonNode before = api.get(template).json().path("data");
    assertEquals(200, api.call("PATCH", template, "{\"build_spec\":" + second + "}").status());
    assertAsBuilt(before, template);
    assertEquals(201, api.post(template + "/builds", "{\"build_spec\":" + second + "}").status());
    assertAsBuilt(before, template);
    ended(made.json().path("id").asString(), "failed");
    assertAsBuilt(before, template);
    Answer sandbox = api.post("/sandboxes", "{\"template_id\":\"" + slug + "\"}");
    assertEquals(201, sandbox.status(), sandbox.text());
    assertEquals(before.path("cpu_count"), sandbox.json().path("cpu_count"));
    api.delete("/sandboxes/" + sandbox.json().path("id").asString());
    assertEquals(201, api.post(template + "/builds", "{}").status());
    ended(made.json().path("id").asString(), "ready");
    JsonNode after = api.get(template).json().path("data");
    assertEquals("/two", after.path("workdir").asString());
    assertEquals("new", after.path("start_command").asString());
    assertEquals(9, after.path("preview_port").asInt());
  }

  @Test
  void aSandboxIsWhatItsOwnBuildSaidWhenItsTemplateIsBuiltAnew() {
    String spec =
        "{\"from\":\"docker.io/library/debian:13\",\"workdir\":\"/%s\",\"startCmd\":\"run\",\"readyCmd\":\"true\"}";
    Answer made =
        api.post(
            "/sandbox-templates", "{\"name\":\"t\",\"build_spec\":" + spec.formatted("one") + "}");
    String template = made.json().path("id").asString();
    ended(template, "ready");
    String older = sandbox("/sandboxes", "{\"template_id\":\"" + template + "\"}");
    String snapshot =
        api.post("/sandboxes/" + older + "/snapshots", "{}").json().path("id").asString();
    assertEquals("/one", beginsIn(older));
    Answer again =
        api.post(
            "/sandbox-templates/" + template + "/builds",
            "{\"build_spec\":" + spec.formatted("two") + "}");
    assertEquals(201, again.status(), again.text());
    ended(template, "ready");
    assertEquals("/two", beginsIn(sandbox("/sandboxes", "{\"template_id\":\"" + template + "\"}")));
    assertEquals("/one", beginsIn(older));
    String fork = sandbox("/sandboxes/" + older + "/fork", "{}");
    assertEquals("/one", beginsIn(fork));
    String later = sandbox("/snapshots/" + snapshot + "/fork", "{}");
    assertEquals("/one", beginsIn(later));
  }

  @Test
  void theAppOfASandboxOfE2bStartsWithItsNextMachineAndInForks() {
    String spec =
        "{\"from\":\"docker.io/library/debian:13\",\"startCmd\":\"run\",\"readyCmd\":\"true\"}";
    Answer made =
        api.post("/sandbox-templates", "{\"name\":\"e2b-app\",\"build_spec\":" + spec + "}");
    ended(made.json().path("id").asString(), "ready");
    Answer created = api.post("/e2b/v2/sandboxes", "{\"templateID\":\"e2b-app\"}");
    assertEquals(201, created.status(), created.text());
    String sandbox = "/e2b/sandboxes/" + created.json().path("sandboxID").asString();
    PlatformWithNode.await(() -> apps() == 1);
    assertEquals(204, api.post(sandbox + "/pause", "{\"memory\":false}").status());
    node.processes.clear();
    assertEquals(201, api.post(sandbox + "/connect", "{}").status());
    PlatformWithNode.await(() -> apps() == 2);
    assertEquals(201, api.post(sandbox + "/fork", "{}").status());
    PlatformWithNode.await(() -> apps() == 3);
  }

  private long apps() {
    return node.started.stream().filter("app"::equals).count();
  }

  private String sandbox(String from, String body) {
    Answer made = api.post(from, body);
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString(made.json().path("data").path("id").asString(""));
  }

  private String beginsIn(String sandbox) {
    Answer started = api.post("/sandboxes/" + sandbox + "/template/start", "{\"install\":false}");
    assertEquals(200, started.status(), started.text());
    return started.json().path("workdir").asString();
  }

  private void assertAsBuilt(JsonNode before, String template) {
    JsonNode now = api.get(template).json().path("data");
    for (String field :
        List.of("workdir", "start_command", "preview_port", "readiness_probe", "memory_mb")) {
      assertEquals(before.path(field), now.path(field), field);
    }
    assertEquals("/two", now.path("build_spec").path("workdir").asString());
  }

  private void ended(String template, String state) {
    buildEnded(template, newestBuild(template).path("id").asString(), state);
  }

  private void buildEnded(String template, String build, String state) {
    PlatformWithNode.await(() -> isOnNode(build, "building"));
    TemplateBuild end = TemplateBuild.newBuilder().setId(build).setState(state).build();
    running.compared(() -> {
      // A comparison that began before the build was there starts it once more.
      node.builds.put(build, end);
      String all = "/sandbox-templates/" + template + "/builds";
      return api.get(all)
          .json()
          .path("data")
          .valueStream()
          .filter(row -> row.path("id").asString().equals(build))
          .allMatch(row -> row.path("state").asString().equals(state));
    });
  }

  @Test
  void aSpecificationThatOnlyABuildWasGivenHasToProveItself() {
    String first = "{\"from\":\"docker.io/library/debian:13\",\"size\":\"XS\"}";
    String second = "{\"from\":\"docker.io/library/debian:13\",\"size\":\"large\"}";
    Answer made = api.post("/sandbox-templates", "{\"name\":\"t\",\"build_spec\":" + first + "}");
    assertEquals(201, made.status(), made.text());
    String id = made.json().path("id").asString();
    String template = "/sandbox-templates/" + id;
    assertEquals("xs", size(template));
    ended(id, "ready");
    String other = "{\"build_spec\":" + second + "}";
    assertEquals(201, api.post(template + "/builds", other).status());
    ended(id, "failed");
    assertEquals("xs", size(template));
    assertEquals(201, api.post(template + "/builds", other).status());
    ended(id, "ready");
    assertEquals("large", size(template));
    // What its owner says of the template later counts more than what they gave a build before.
    assertEquals(201, api.post(template + "/builds", "{\"build_spec\":" + first + "}").status());
    String last = "{\"from\":\"docker.io/library/debian:13\",\"size\":\"medium\"}";
    assertEquals(200, api.call("PATCH", template, "{\"build_spec\":" + last + "}").status());
    ended(id, "ready");
    assertEquals("medium", size(template));
  }

  @Test
  void aPlainBuildTakesBackNothingThatAnotherIsAboutToProve() {
    String template = template();
    ended(template, "ready");
    String builds = "/sandbox-templates/" + template + "/builds";
    String large = "{\"from\":\"docker.io/library/debian:13\",\"size\":\"large\"}";
    Answer asked = api.post(builds, "{\"build_spec\":" + large + "}");
    assertEquals(201, asked.status(), asked.text());
    String proving = newestBuild(template).path("id").asString();
    assertEquals(201, api.post(builds, "{}").status());
    buildEnded(template, proving, "ready");
    assertEquals("large", size("/sandbox-templates/" + template));
    ended(template, "ready");
    assertEquals("large", size("/sandbox-templates/" + template));
  }

  private String size(String template) {
    JsonNode row = api.get(template).json().path("data");
    return row.path("build_spec").path("size").asString();
  }

  @Test
  void idsThatClientsSendUnaskedStandForTheUsualTemplate() {
    for (String sent :
        List.of("python-3.12", "python-3.9", "Python-3.13.1", "python-3", "node-22")) {
      Answer made = api.post("/sandboxes", "{\"template_id\":\"" + sent + "\"}");
      assertEquals(201, made.status(), made.text());
      assertEquals("miosa-sandbox", made.json().path("template_id").asString());
      api.delete("/sandboxes/" + made.json().path("id").asString());
    }
    Answer adk = api.post("/sandboxes", "{\"template_id\":\"debian-12-sandbox-v8\"}");
    assertEquals(201, adk.status(), adk.text());
    api.delete("/sandboxes/" + adk.json().path("id").asString());
  }

  @Test
  void anImageOfARegistryIsNoTemplateAndTheAnswerSaysHowToMakeOne() {
    for (String sent : List.of("ghcr.io/x/y:1", "python:3.12", "a b", "python-4.1")) {
      Answer refused = api.post("/sandboxes", "{\"template_id\":\"" + sent + "\"}");
      assertEquals(404, refused.status(), refused.text());
      assertEquals("TEMPLATE_NOT_FOUND", refused.code());
      assertTrue(refused.text().contains("POST /sandbox-templates"), refused.text());
    }
  }

  private Answer create(ApiClient client, String fields) {
    return client.post(
        "/sandbox-templates",
        "{\"name\":\"t\"," + fields + ",\"build_spec\":{\"from\":\"debian:13\"}}");
  }

  @Test
  void anIdOfABuildIsNeverGivenTwice() {
    String build = Ids.next("bld");
    String fields = "\"build_id\":\"" + build + "\"";
    Answer first = create(api, fields);
    assertEquals(201, first.status(), first.text());
    String id = first.json().path("id").asString();
    ended(id, "ready");
    assertEquals(204, api.delete("/sandbox-templates/" + id).status());
    for (ApiClient client : List.of(api, running.someone())) {
      Answer refused = create(client, fields);
      assertEquals(409, refused.status(), refused.text());
      assertEquals("CONFLICT", refused.code());
    }
  }

  @Test
  void whatStandsOnADeletedTemplateKeepsItsAppAndGetsNobodyElses() {
    String spec = "{\"from\":\"debian:13\",\"startCmd\":\"mine\",\"previewPort\":8123}";
    Answer made = api.post("/sandbox-templates", "{\"name\":\"t\",\"build_spec\":" + spec + "}");
    String template = made.json().path("id").asString();
    ended(template, "ready");
    String first =
        api.post("/sandboxes", "{\"template_id\":\"" + template + "\"}")
            .json()
            .path("id")
            .asString();
    Answer snapshot = api.post("/sandboxes/" + first + "/snapshots", "{}");
    assertEquals(201, snapshot.status(), snapshot.text());
    assertEquals(409, api.delete("/sandbox-templates/" + template).status());
    api.delete("/sandboxes/" + first);
    assertEquals(204, api.delete("/sandbox-templates/" + template).status());
    ApiClient other = running.someone();
    Answer refused = create(other, "\"slug\":\"" + template + "\"");
    assertEquals(422, refused.status(), refused.text());
    String fork = "/snapshots/" + snapshot.json().path("id").asString() + "/fork";
    Answer forked = api.post(fork, "{}");
    assertEquals(201, forked.status(), forked.text());
    assertTrue(forked.json().path("preview_url").asString().contains("8123"), forked.text());
    Answer unknown = api.post("/sandboxes", "{\"template_id\":\"" + template + "\"}");
    assertEquals(404, unknown.status(), unknown.text());
  }

  @Test
  void aSandboxIsNotMadeOfATemplateThatIsDeletedMeanwhile() {
    String template = template();
    ended(template, "ready");
    node.onClaim =
        claim -> {
          node.onClaim = _ -> {};
          assertEquals(204, api.delete("/sandbox-templates/" + template).status());
        };
    // With a setup the claim comes first, so that the delete is over when the row is stored.
    Answer refused =
        api.post("/sandboxes", "{\"template_id\":\"" + template + "\",\"setup_file\":\"true\"}");
    assertEquals(404, refused.status(), refused.text());
    assertEquals("TEMPLATE_NOT_FOUND", refused.code());
  }

  @Test
  void aTemplateCanBeDeletedOnceWhatStoodOnItStandsOnAnother() {
    Answer base = create(api, "\"slug\":\"below\"");
    String below = base.json().path("id").asString();
    ended(below, "ready");
    Answer upper =
        api.post("/sandbox-templates", "{\"name\":\"upper\",\"build_spec\":{\"from\":\"below\"}}");
    assertEquals(201, upper.status(), upper.text());
    String above = upper.json().path("id").asString();
    assertEquals(409, api.delete("/sandbox-templates/" + below).status());
    ended(above, "ready");
    assertEquals(409, api.delete("/sandbox-templates/" + below).status());
    String builds = "/sandbox-templates/" + above + "/builds";
    assertEquals(201, api.post(builds, "{\"build_spec\":{\"from\":\"debian:13\"}}").status());
    assertEquals(409, api.delete("/sandbox-templates/" + below).status());
    ended(above, "ready");
    assertEquals(204, api.delete("/sandbox-templates/" + below).status());
  }

  @Test
  void whatABuildThatIsNotOverBeginsWithIsKeptForIt() {
    String below = create(api, "\"slug\":\"below\"").json().path("id").asString();
    String other = create(api, "\"slug\":\"other\"").json().path("id").asString();
    ended(below, "ready");
    ended(other, "ready");
    String base = newestBuild(below).path("id").asString();
    String superseded = newestBuild(other).path("id").asString();
    Answer upper =
        api.post("/sandbox-templates", "{\"name\":\"upper\",\"build_spec\":{\"from\":\"below\"}}");
    assertEquals(201, upper.status(), upper.text());
    for (String template : List.of(below, other)) {
      assertEquals(201, api.post("/sandbox-templates/" + template + "/builds", "{}").status());
      ended(template, "ready");
    }
    // With the second time the comparison of the first one is over.
    running.compared(() -> Collections.frequency(node.droppedBuilds, superseded) >= 2);
    assertFalse(node.droppedBuilds.contains(base));
    ended(upper.json().path("id").asString(), "ready");
    running.compared(() -> node.droppedBuilds.contains(base));
  }

  @Test
  void whatNoSandboxCanBeMadeOfIsToldBeforehand() {
    wrong("{\"from\":\"debian:13\",\"vcpu\":64}", "INVALID_SIZE", "vcpu");
    wrong("{\"from\":\"debian:13\",\"memoryMib\":1048576}", "INVALID_SIZE", "memoryMib");
    wrong("{\"from\":\"debian:13\",\"diskMib\":4194304}", "INVALID_SIZE", "diskMib");
  }

  private Answer validate(String spec) {
    return api.post("/sandbox-templates/validate", "{\"build_spec\":" + spec + "}");
  }

  private void wrong(String spec, String code, String field) {
    Answer refused = validate(spec);
    assertEquals(422, refused.status(), refused.text());
    JsonNode problem = refused.json().path("errors").path(0);
    assertEquals(code, problem.path("code").asString(), refused.text());
    assertEquals(field, problem.path("field").asString(), refused.text());
  }

  @Test
  void whatCanNeverBeBuiltIsToldBeforehand() {
    wrong("{\"from\":\"169.254.169.254/x:1\"}", "REGISTRY_NOT_ALLOWED", "from");
    wrong("{\"from\":\"oci://127.0.0.1:7280/x:1\"}", "REGISTRY_NOT_ALLOWED", "from");
    for (String folder : List.of("/proc", "//sys/fs", "/./dev", "/a/../b", "/a\\u0007", "here")) {
      String workdir = "{\"from\":\"debian:13\",\"workdir\":\"%s\"}".formatted(folder);
      wrong(workdir, "INVALID_PATH", "workdir");
    }
    String paths = "{\"from\":\"debian:13\",\"artifactPaths\":[\"dist\",\"../x\"]}";
    wrong(paths, "INVALID_PATH", "artifactPaths[1]");
    Answer refused =
        api.post(
            "/sandbox-templates",
            "{\"name\":\"t\",\"build_spec\":{\"from\":\"registry.test/x:1\"}}");
    assertEquals(422, refused.status(), refused.text());
  }

  @Test
  void fieldsThatNothingReadsAreWarnedOf() {
    Answer valid =
        validate(
            "{\"from\":\"debian:13\",\"startcmd\":\"x\",\"steps\":[\"true\",{\"run\":\"true\",\"bogus\":1}]}");
    assertEquals(200, valid.status(), valid.text());
    JsonNode warnings = valid.json().path("warnings");
    assertEquals(
        List.of("startcmd", "steps[1].bogus"),
        warnings.valueStream().map(warning -> warning.path("field").asString()).toList());
    assertTrue(warnings.path(0).path("message").asString().contains("startCmd"), valid.text());
    assertTrue(valid.json().path("errors").isEmpty(), valid.text());
    assertTrue(validate("{\"from\":\"debian:13\"}").json().path("warnings").isEmpty());
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.InstanceState;
import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.routes.Route;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The life of deployments over HTTP: a real database, a node that keeps everything in memory. */
final class PublishTest {
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
    platform = started();
    api = client(platform);
  }

  private Platform started() throws Exception {
    Platform fresh = new Platform(installation);
    fresh.start();
    while (ApiClient.at(installation.serverSocket()).get("/readyz").status() != 200) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    return fresh;
  }

  private ApiClient client(Platform of) {
    String key = new Organizations(of.store()).create("org " + UUID.randomUUID()).value();
    return ApiClient.at(installation.serverSocket()).as(key);
  }

  @AfterEach
  void end() throws Exception {
    platform.close();
    node.close();
    Files.deleteIfExists(installation.run().resolve("pg"));
    try (Stream<Path> left = Files.list(installation.run())) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(installation.run());
  }

  private String sandbox() {
    Answer answer = api.post("/sandboxes", "{}");
    assertEquals(201, answer.status(), answer.text());
    return answer.json().path("id").asString();
  }

  private void write(String sandbox, String path, String text) {
    node.filesOf(sandbox).put("/workspace/" + path, text);
  }

  private static JsonNode ok(Answer answer) {
    assertTrue(answer.status() < 300, answer.status() + " " + answer.text());
    return answer.json();
  }

  private @Nullable Route route(String deployment) {
    return platform.workloads().routes().get("deployment/" + deployment);
  }

  private InstanceSpec spec(String instance) {
    return Objects.requireNonNull(node.specs.get(instance));
  }

  private Route.Static site(String deployment) {
    return (Route.Static) Objects.requireNonNull(route(deployment));
  }

  private Route.Instance process(String deployment) {
    Route.Instances route = (Route.Instances) Objects.requireNonNull(route(deployment));
    return route.instances().getFirst();
  }

  @Test
  void aStaticSiteIsPublishedRolledBackAndDeleted() {
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "one");
    JsonNode first = ok(api.post("/sandboxes/" + sandbox + "/deploy", "{\"name\":\"My Shop\"}"));
    String id = first.path("deployment_id").asString();
    assertEquals("running", first.path("deployment").path("state").asString());
    assertEquals("ready", first.path("version").path("state").asString());
    assertEquals("static", first.path("version").path("kind").asString());
    assertTrue(first.path("promoted").asBoolean());
    assertTrue(first.path("public_url").asString().startsWith("http://my-shop."));
    Route.Static served = site(id);
    assertTrue(node.exports.contains(served.exportId()));

    write(sandbox, "dist/index.html", "two");
    JsonNode second =
        ok(
            api.post(
                "/deployments/" + id + "/publish",
                "{\"source_sandbox_id\":\"" + sandbox + "\",\"output_path\":\"/workspace/dist\"}"));
    assertEquals(2, second.path("version").path("version_number").asInt());
    assertNotEquals(served, route(id));

    JsonNode back = ok(api.post("/deployments/" + id + "/rollback", ""));
    assertEquals(first.path("version_id").asString(), back.path("active_version_id").asString());
    assertEquals(served.exportId(), site(id).exportId());
    assertEquals("RESOURCE_STATE", api.post("/deployments/" + id + "/rollback", "{}").code());
    assertEquals(2, ok(api.get("/deployments/" + id + "/versions")).path("data").size());

    assertEquals(
        "running",
        ok(api.post(
                "/deployments/"
                    + id
                    + "/versions/"
                    + second.path("version_id").asString()
                    + "/promote",
                "{}"))
            .path("state")
            .asString());
    assertTrue(ok(api.delete("/deployments/" + id)).path("deleted").asBoolean());
    assertEquals(404, api.get("/deployments/" + id).status());
    assertTrue(node.releases.isEmpty() && node.exports.isEmpty());
    assertEquals(null, route(id));
  }

  @Test
  void aProcessIsPublishedWithItsEnvironmentAndFollowsItsAddress() throws Exception {
    String sandbox = sandbox();
    write(sandbox, "app.py", "serve(port=5050)");
    JsonNode created = ok(api.post("/deployments", "{\"name\":\"api\"}"));
    assertEquals(2, created.size());
    String id = created.path("data").path("id").asString();
    JsonNode env =
        ok(
            api.post(
                "/deployments/" + id + "/env", "{\"env\":{\"TOKEN\":\"a long secret value\"}}"));
    assertFalse(env.toString().contains("secret"), env.toString());
    JsonNode published =
        ok(
            api.post(
                "/deployments/" + id + "/publish", "{\"source_sandbox_id\":\"" + sandbox + "\"}"));
    assertEquals("dynamic", published.path("version").path("kind").asString());
    String instance = process(id).id();
    assertEquals("a long secret value", spec(instance).getEnvMap().get("TOKEN"));
    assertEquals(5050, spec(instance).getPort());
    assertEquals("python3 app.py", spec(instance).getCommand());

    node.move(instance, "10.9.2.2");
    await(() -> process(id).address().equals("10.9.2.2"));
    JsonNode logs = ok(api.get("/deployments/" + id + "/logs?lines=2"));
    assertEquals("last line", logs.path("lines").path(1).asString());
    assertEquals(
        "healthy",
        ok(api.get("/deployments/" + id + "/runtime-instances"))
            .path("data")
            .path(0)
            .path("state")
            .asString());
    assertEquals(
        "stopped", ok(api.post("/deployments/" + id + "/stop", "")).path("state").asString());
    assertTrue(route(id) instanceof Route.Stopped);
    assertEquals(
        "running", ok(api.post("/deployments/" + id + "/start", "")).path("state").asString());
    assertEquals(instance, process(id).id());
  }

  @Test
  void aSickVersionFailsAndTheOldOneKeepsServing() {
    String sandbox = sandbox();
    write(sandbox, "app.py", "");
    JsonNode good = ok(api.post("/sandboxes/" + sandbox + "/deploy", "{}"));
    String id = good.path("deployment_id").asString();
    Route before = route(id);
    write(sandbox, "sick", "");
    Answer bad = api.post("/sandboxes/" + sandbox + "/deploy", "{}");
    assertEquals(422, bad.status(), bad.text());
    assertEquals("HEALTH_CHECK_FAILED", bad.code());
    assertTrue(bad.text().contains("last line"), bad.text());
    assertEquals(before, route(id));
    JsonNode versions = ok(api.get("/deployments/" + id + "/versions")).path("data");
    assertEquals("failed", versions.path(0).path("state").asString());
    assertEquals("running", ok(api.get("/deployments/" + id)).path("state").asString());
    assertEquals(
        409,
        api.post(
                "/deployments/"
                    + id
                    + "/versions/"
                    + versions.path(0).path("id").asString()
                    + "/promote",
                "{}")
            .status());
    assertEquals(1, node.releases.size());
  }

  @Test
  void aFailedBuildSaysWhy() {
    String sandbox = sandbox();
    Answer bad = api.post("/sandboxes/" + sandbox + "/deploy", "{\"build_command\":\"exit 3\"}");
    assertEquals("BUILD_FAILED", bad.code(), bad.text());
    assertEquals(422, api.post("/sandboxes/" + sandbox + "/deploy", "{}").status());
    assertEquals(
        "failed", ok(api.get("/deployments")).path("data").path(0).path("state").asString());
  }

  @Test
  void aPublishIsTakenUpByTheNextProcess() throws Exception {
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "x");
    String id =
        ok(api.post("/deployments", "{\"name\":\"later\"}")).path("data").path("id").asString();
    node.close();
    Thread publish =
        Thread.ofVirtual()
            .start(() -> {
              try (var _ =
                  api.open(
                      "POST",
                      "/deployments/" + id + "/publish",
                      "{\"source_sandbox_id\":\"" + sandbox + "\"}")) {
                await(
                    () -> ok(api.get("/deployments/" + id + "/versions")).path("data").size() == 1);
              } catch (java.io.IOException gone) {
                throw new java.io.UncheckedIOException(gone);
              }
            });
    publish.join();
    platform.close();
    MemoryNode next = new MemoryNode(installation.nodeSocket());
    next.workloads.putAll(node.workloads);
    next.files.putAll(node.files);
    node = next;
    platform = started();
    await(() -> route(id) instanceof Route.Static);
    assertEquals("running", ok(api.get("/deployments/" + id)).path("state").asString());
  }

  @Test
  void aNameMayComeTwiceButAChosenSlugMayNot() {
    JsonNode one = ok(api.post("/deployments", "{\"name\":\"Same Name\"}")).path("data");
    JsonNode two = ok(api.post("/deployments", "{\"name\":\"Same Name\"}")).path("data");
    assertEquals("same-name", one.path("slug").asString());
    assertNotEquals(one.path("public_url"), two.path("public_url"));
    assertEquals(
        "SLUG_TAKEN", api.post("/deployments", "{\"name\":\"x\",\"slug\":\"same-name\"}").code());
    String second = two.path("id").asString();
    assertEquals(
        "SLUG_TAKEN",
        api.call("PATCH", "/deployments/" + second, "{\"slug\":\"same-name\"}").code());
    ok(api.delete("/deployments/same-name"));
    assertEquals(
        "same-name",
        ok(api.call("PATCH", "/deployments/" + second, "{\"slug\":\"same-name\"}"))
            .path("slug")
            .asString());
  }

  @Test
  void aRetriedPublishMakesOneVersion() {
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "x");
    ApiClient keyed = api.with("Idempotency-Key", "k1");
    JsonNode one = ok(keyed.post("/sandboxes/" + sandbox + "/deploy", "{}"));
    JsonNode two = ok(keyed.post("/sandboxes/" + sandbox + "/deploy", "{}"));
    assertEquals(one.path("version_id"), two.path("version_id"));
    assertEquals(1, ok(api.get("/deployments")).path("data").size());
  }

  @Test
  void domainsAreNotRoutedBeforeTheirDnsHasSaidWhoseTheyAre() {
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "x");
    String id =
        ok(api.post("/sandboxes/" + sandbox + "/deploy", "{}")).path("deployment_id").asString();
    String host = "www." + UUID.randomUUID() + ".example";
    JsonNode domain =
        ok(api.post("/deployments/" + id + "/domains", "{\"domain\":\"" + host + "\"}"));
    assertEquals("pending", domain.path("status").asString());
    assertFalse(site(id).hosts().contains(host));
    ApiClient other = client(platform);
    String foreign =
        ok(other.post("/deployments", "{\"name\":\"x\"}")).path("data").path("id").asString();
    assertEquals(
        "DOMAIN_TAKEN",
        api.post("/deployments/" + id + "/domains", "{\"domain\":\"" + host + "\"}").code());
    ok(other.post("/deployments/" + foreign + "/domains", "{\"domain\":\"" + host + "\"}"));
    String one = domain.path("id").asString();
    // As a check of its DNS leaves it.
    platform
        .store()
        .executeSystem(tx ->
            tx.sql().execute("update custom_domains set verified_at = now() where id = ?", one));
    ok(api.call("PATCH", "/deployments/" + id, "{\"branch\":\"proved\"}"));
    assertTrue(site(id).hosts().contains(host));
    assertEquals(
        "DOMAIN_TAKEN",
        client(platform).post("/custom-domains", "{\"fqdn\":\"" + host + "\"}").code());
    for (String bad :
        List.of("localhost", "x.localhost", "a b.c", "-x.example", "1.2.3.4", "*.example.com")) {
      assertEquals(
          422,
          api.post("/deployments/" + id + "/domains", "{\"domain\":\"" + bad + "\"}").status(),
          bad);
    }
    assertEquals(204, api.delete("/deployments/" + id + "/domains/" + one).status());
    assertFalse(site(id).hosts().contains(host));
  }

  @Test
  void whoAsksForNoProofRoutesWhatIsNamedFirst() throws Exception {
    platform.close();
    installation = Installations.trusting(installation);
    platform = started();
    api = client(platform);
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "x");
    String host = "www." + UUID.randomUUID() + ".example";
    String id =
        ok(api.post("/sandboxes/" + sandbox + "/deploy", "{\"domain\":\"" + host + "\"}"))
            .path("deployment_id")
            .asString();
    assertTrue(site(id).hosts().contains(host));
    ApiClient other = client(platform);
    assertEquals(
        "DOMAIN_TAKEN", other.post("/custom-domains", "{\"fqdn\":\"" + host + "\"}").code());
  }

  @Test
  void anotherOrganizationSeesNothing() {
    String sandbox = sandbox();
    write(sandbox, "dist/index.html", "x");
    JsonNode mine = ok(api.post("/sandboxes/" + sandbox + "/deploy", "{}"));
    String id = mine.path("deployment_id").asString();
    ApiClient other = client(platform);
    assertEquals(0, ok(other.get("/deployments")).path("data").size());
    for (String path :
        List.of(
            "",
            "/versions",
            "/logs",
            "/env",
            "/domains",
            "/builds",
            "/releases",
            "/runtime-instances")) {
      assertEquals(404, other.get("/deployments/" + id + path).status(), path);
    }
    assertEquals(404, other.delete("/deployments/" + id).status());
    assertEquals(404, other.post("/sandboxes/" + sandbox + "/deploy", "{}").status());
    String own =
        ok(other.post("/deployments", "{\"name\":\"x\"}")).path("data").path("id").asString();
    assertEquals(
        404,
        other
            .post("/deployments/" + own + "/publish", "{\"source_sandbox_id\":\"" + sandbox + "\"}")
            .status());
    assertEquals(
        404,
        other
            .post(
                "/deployments/" + own + "/rollback",
                "{\"version_id\":\"" + mine.path("version_id").asString() + "\"}")
            .status());
    assertEquals(200, api.get("/deployments/" + id).status());
  }

  private String deployedApp() {
    String sandbox = sandbox();
    write(sandbox, "app.py", "");
    return ok(api.post("/sandboxes/" + sandbox + "/deploy", "{}")).path("deployment_id").asString();
  }

  @Test
  void anInstanceThatTheNodeLostIsStartedAgain() {
    String id = deployedApp();
    String instance = process(id).id();
    node.instances.clear();
    platform.workloads().watch().reconcileSoon();
    await(() -> node.instances.containsKey(instance));
    assertEquals(
        InstanceState.HEALTHY, Objects.requireNonNull(node.instances.get(instance)).getState());
  }

  @Test
  void anOlderListingDoesNotBringBackAnAddressThatWasLeft() {
    String id = deployedApp();
    String instance = process(id).id();
    AtomicInteger listed = new AtomicInteger();
    node.onListed(() -> {
      if (listed.incrementAndGet() == 1) {
        node.move(instance, "10.9.3.3");
        await(() -> process(id).address().equals("10.9.3.3"));
      }
    });
    platform.workloads().watch().reconcileSoon();
    await(() -> listed.get() == 1);
    // The next comparison begins when this one is done.
    platform.workloads().watch().reconcileSoon();
    await(() -> listed.get() > 1);
    assertEquals("10.9.3.3", process(id).address());
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    // Shorter than the time between two comparisons with the node that nobody asked for.
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it did not come about in time");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

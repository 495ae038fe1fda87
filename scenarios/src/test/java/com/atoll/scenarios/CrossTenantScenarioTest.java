package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Walks every operation of the registry with a second organization's key and the first one's ids.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrossTenantScenarioTest {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  private final Given given = new Given();
  private final Members members = new Members(given);
  private final Map<String, String> ids = new LinkedHashMap<>();
  private Sandbox sandbox;
  private Deployment deployment;
  private Template template;

  /** An operation of the published document. */
  record Route(String method, String path) {}

  @BeforeAll
  void ownEverything() {
    sandbox = given.aSandbox().with("name", Given.unique("mine")).running().serving(8000, "mine");
    sandbox.withFile("/workspace/dist/index.html", "mine");
    deployment = given.published(sandbox, Map.of("output_path", "/workspace/dist"));
    ids.put("sandboxes", sandbox.id());
    ids.put("by-name", given.api.get(sandbox.at("")).string("name"));
    ids.put("deployments", deployment.id());
    String pid =
        given.api.post(sandbox.at("/processes"), Map.of("command", "sleep 600")).string("pid");
    ids.put("processes", pid);
    ids.put("commands", pid);
    ids.put(
        "previews",
        given
            .api
            .post(sandbox.at("/previews"), Map.of("port", 8000, "visibility", "private"))
            .expect(201)
            .string("id"));
    ids.put("shares", given.api.post(sandbox.at("/shares"), Map.of()).expect(201).string("id"));
    ids.put(
        "api-keys",
        given
            .api
            .post("/api-keys", Map.of("name", "walk"))
            .expect(201)
            .json()
            .path("data")
            .path("id")
            .asString());
    credentials();
    first("versions", deployment.at("/versions"));
    first("releases", deployment.at("/releases"));
    first("workspaces", "/workspaces");
    first("projects", "/projects");
    ids.put(
        "domains",
        given
            .api
            .post(
                deployment.at("/domains"), Map.of("domain", Given.unique("walk") + ".example.test"))
            .expect(201)
            .string("id"));
    ids.put(
        "volumes",
        given
            .api
            .post("/volumes", Map.of("name", Given.unique("mine"), "size_gb", 1))
            .expect(201)
            .string("id"));
    given.api.post(sandbox.at("/volumes"), Map.of("volume_id", volume())).expect(201);
    Map<String, Object> budget = Map.of("scope", "run", "scope_id", "walk", "cap_cents", 100);
    ids.put("budgets", given.api.post("/budgets", budget).expect(201).string("id"));
    Map<String, Object> check = Map.of("name", "walk", "url", "https://example.test");
    ids.put("health-checks", given.api.post("/health-checks", check).expect(201).string("id"));
    ids.put("env", "PATH");
    Map<String, Object> sshKey = Map.of("public_key", Samples.SSH_KEY);
    ids.put("ssh-keys", given.api.post(sandbox.at("/ssh-keys"), sshKey).expect(200).string("id"));
    given.api.post(sandbox.at("/code/run"), Map.of("code", "1")).expect(200);
    ids.put("contexts", "default");
    ownEgress();
    String snapshot = given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
    ids.put("snapshots", snapshot);
    ids.put("restore", snapshot);
    String name = Given.unique("walk");
    given.api.post("/named-snapshots", Map.of("name", name, "snapshot_id", snapshot)).expect(201);
    ids.put("named-snapshots", name);
    ownWebhook();
    ownTenancy();
    ownLog();
    template = Template.made(given.api, Template.steps());
    ids.put("sandbox-templates", template.id());
    ids.put("sandbox-template-builds", template.built("ready").path("id").asString());
  }

  /** Observing only, so that nothing else of the suite is held back. */
  private void ownEgress() {
    Map<String, Object> bound =
        Map.of("resource_type", "sandbox", "resource_id", sandbox.id(), "mode", "audit_only");
    Map<String, Object> policy = new LinkedHashMap<>(bound);
    policy.put("name", "walk");
    ids.put("policies", made("/egress/policies", policy));
    Map<String, Object> rule = new LinkedHashMap<>(bound);
    rule.put("host", "walk.example.test");
    ids.put("allowlist", made("/egress/allowlist", rule));
    ids.put("resource", sandbox.id());
    ids.put("secrets", made("/egress/secrets", Map.of("name", "walk", "value", "walk's secret")));
    Map<String, Object> binding = new LinkedHashMap<>(bound);
    binding.put("secret_id", ids.get("secrets"));
    binding.put("expose_as_env", "WALK");
    ids.put("bindings", made("/egress/bindings", binding));
  }

  private void ownTenancy() {
    ids.put("tenants", given.api.get("/platform/tenants/current").string("id"));
    ids.put("service-accounts", made("/service-accounts", Map.of("name", "walk")));
    ids.put("members", members.join("member").id());
    ids.put("invites", made("/tenant/members", Map.of("email", Members.address())));
    String environments = "/projects/" + ids.get("projects") + "/environments";
    ids.put("environments", made(environments, Map.of("name", Given.unique("walk"))));
    given.api.json(
        "PUT",
        "/projects/" + ids.get("projects") + "/shared-variables",
        Map.of("variables", Map.of("WALK", "x")),
        Map.of());
    ids.put("shared-variables", "WALK");
    String drains = environments + "/" + ids.get("environments") + "/log-drains";
    ids.put(
        "log-drains", made(drains, Map.of("name", "walk", "url", "https://logs.example.test/")));
    ids.put("templates", "python-web");
    Map<String, Object> tools =
        Map.of("name", Given.unique("walk"), "url", "https://tools.example.test/mcp");
    ids.put("mcp-servers", made("/mcp-servers", tools));
  }

  private String made(String path, Map<String, Object> body) {
    return given.api.post(path, body).expect(201).json().path("data").path("id").asString();
  }

  /** The views of the log take ids of events and of what they are about. */
  private void ownLog() {
    String event =
        given
            .api
            .get("/activity?limit=1")
            .expect(200)
            .json()
            .path("data")
            .get(0)
            .path("event_id")
            .asString();
    ids.put("notifications", event);
    ids.put("alerts", event);
    ids.put("operations", sandbox.id());
  }

  private void ownWebhook() {
    Map<String, Object> wish =
        Map.of("url", "https://hooks.example.test/", "events", List.of("computer.*"));
    ids.put("webhooks", given.api.post("/webhooks", wish).expect(201).string("id"));
    String delivery = given.api.post("/webhooks/" + webhook() + "/test", Map.of()).string("id");
    ids.put("deliveries", delivery);
    ids.put("event-deliveries", delivery);
    Map<String, Object> route =
        Map.of(
            "consumer_kind", "webhook",
            "consumer_id", webhook(),
            "event_type", "computer.*");
    ids.put(
        "event-subscriptions",
        given
            .api
            .post("/event-subscriptions", route)
            .expect(201)
            .json()
            .path("data")
            .path("id")
            .asString());
  }

  private String webhook() {
    return ids.getOrDefault("webhooks", "none");
  }

  /** What is given to credentials, and what they did. */
  private void credentials() {
    String owner = given.api.get(sandbox.at("")).string("workspace_id");
    Map<String, Object> wish = Map.of("user_id", "walker", "workspace_id", owner);
    ids.put("scoped", given.api.post("/tokens/scoped", wish).expect(200).string("id"));
    ids.put(
        "browser", given.api.post(sandbox.at("/browser-token"), Map.of()).expect(200).string("id"));
    Map<String, Object> grant =
        Map.of(
            "capability", "sandbox.get", "principal_type", "api_key", "principal_id", "key_none");
    ids.put("grants", given.api.post("/actions/grants", grant).expect(201).string("id"));
    first("audit-log", "/audit-log");
  }

  private void first(String kind, String path) {
    JsonNode rows = given.api.get(path).expect(200).json().path("data");
    ids.put(kind, rows.get(0).path("id").asString());
  }

  private String volume() {
    return ids.getOrDefault("volumes", "none");
  }

  @AfterAll
  void release() {
    given.api.delete("/mcp-servers/" + ids.get("mcp-servers"));
    given.api.delete("/service-accounts/" + ids.get("service-accounts"));
    given.api.delete("/tenants/" + ids.get("tenants") + "/invites/" + ids.get("invites"));
    given.api.delete("/tenant/members/" + ids.get("members"));
    given.api.delete(
        "/projects/" + ids.get("projects") + "/environments/" + ids.get("environments"));
    given.api.delete("/named-snapshots/" + ids.get("named-snapshots"));
    given.api.delete("/snapshots/" + ids.get("snapshots"));
    given.api.delete("/webhooks/" + webhook());
    template.close();
    deployment.close();
    sandbox.close();
    given.api.delete("/volumes/" + volume());
    given.api.delete("/budgets/" + ids.get("budgets"));
    given.api.delete("/health-checks/" + ids.get("health-checks"));
  }

  @Test
  void nothingOfAnotherOrganizationIsReadOrChanged() {
    walk(given.stranger);
  }

  @Test
  void aTestKeyReadsAndChangesNothingThatIsLive() {
    walk(members.testKey());
  }

  private void walk(Api stranger) {
    Reply before = given.api.get(sandbox.at(""));
    List<String> breaches = new ArrayList<>();
    int walked = 0;
    for (Route route : routes()) {
      String path = filled(route.path());
      if (path.equals(route.path()) || path.contains("{")) {
        continue;
      }
      walked++;
      Reply reply =
          route.method().equals("GET") || route.method().equals("DELETE")
              ? stranger.send(
                  route.method(),
                  path + "?path=/workspace/serve.py",
                  java.net.http.HttpRequest.BodyPublishers.noBody(),
                  Map.of())
              : stranger.json(
                  route.method(), path + "?path=/workspace/stolen", body(path), Map.of());
      boolean hidden = reply.status() == 404 || reply.status() == 501;
      boolean upgrade = reply.status() == 426 || reply.status() == 400;
      if (!hidden && !(upgrade && path.matches(".*/(stream|tunnel|terminal|ssh-tunnel).*"))) {
        breaches.add(reply.toString());
      }
    }
    int count = walked;
    assertTrue(count > 50, () -> "only " + count + " operations with an id were walked");
    assertEquals(List.of(), breaches);
    Reply after = given.api.get(sandbox.at("")).expect(200);
    assertEquals(before.string("state"), after.string("state"));
    assertEquals(before.string("name"), after.string("name"));
    given.api.get(deployment.at("")).expect(200);
    given.api.get("/named-snapshots/" + ids.get("named-snapshots")).expect(200);
    assertEquals("mine", given.api.page(deployment.url()).text());
  }

  @Test
  void listsOfAnotherOrganizationShowNothing() {
    lists(given.stranger);
  }

  @Test
  void listsOfATestKeyShowNothingThatIsLive() {
    lists(members.testKey());
  }

  private void lists(Api stranger) {
    List<String> breaches = new ArrayList<>();
    for (Route route : routes()) {
      if (!route.method().equals("GET")
          || route.path().contains("{")
          || route.path().contains("stream")
          || route.path().contains("docs")) {
        continue;
      }
      String text = stranger.get(route.path()).text();
      for (String kind :
          List.of(
              "sandboxes",
              "deployments",
              "api-keys",
              "workspaces",
              "projects",
              "snapshots",
              "webhooks",
              "mcp-servers",
              "event-subscriptions",
              "volumes",
              "sandbox-templates")) {
        if (text.contains(ids.getOrDefault(kind, "none"))) {
          breaches.add(route.path() + " shows " + kind);
        }
      }
    }
    assertEquals(List.of(), breaches);
  }

  @Test
  void foreignIdsInBodiesAreRefused() {
    Reply publish =
        given.stranger.post("/deployments", Map.of("name", Given.unique("theirs"))).expect(201);
    String theirs = publish.json().path("data").path("id").asString();
    Reply stolen =
        given.stranger.post(
            "/deployments/" + theirs + "/publish", Map.of("source_sandbox_id", sandbox.id()));
    assertTrue(Set.of(404, 409, 422).contains(stolen.status()), stolen::toString);
    Map<String, Object> theirVolumes = Map.of("volumes", List.of(Map.of("volume_id", volume())));
    given.stranger.post("/sandboxes", theirVolumes).expectFieldError("volumes");
    try (Sandbox other =
        new Sandbox(
            given.stranger,
            given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id"),
            "theirs")) {
      given
          .stranger
          .post(other.at("/volumes"), Map.of("volume_id", volume()))
          .expectError(404, "NOT_FOUND");
    }
    Reply filter = given.stranger.get("/sandboxes?workspace_id=" + ids.get("workspaces"));
    assertTrue(!filter.text().contains(sandbox.id()));
    given.stranger.delete("/deployments/" + theirs);
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    JsonNode paths = given.api.get("/openapi.json").expect(200).json().path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (METHODS.contains(method)) {
          String shortened = path.getKey().replaceFirst("^/api/v1", "");
          routes.add(new Route(method.toUpperCase(java.util.Locale.ROOT), shortened));
        }
      }
    }
    // What ends a resource comes last, so that a breach does not hide the others.
    routes.sort(java.util.Comparator.comparing(route -> route.method().equals("DELETE")));
    return routes;
  }

  private String filled(String path) {
    String[] parts = path.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      // Whoever holds a token was given it, and only a person switches organizations.
      if (parts[i].startsWith("{") && !Set.of("{token}", "{id_or_slug}").contains(parts[i])) {
        String known = ids.get(parts[i - 1]);
        if (known != null) {
          parts[i] = known;
        } else if (parts[i - 1].equals("files")) {
          parts[i] = "workspace/serve.py";
        } else if (parts[i - 1].equals("tunnel")) {
          parts[i] = "8000";
        }
      }
    }
    return String.join("/", parts);
  }

  /** A body that a route of this path accepts from its owner. */
  private Map<String, Object> body(String path) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("command", "true");
    body.put("path", "/workspace/stolen");
    body.put("url", "https://stolen.example.test/");
    body.put("from", "/workspace/serve.py");
    body.put("to", "/workspace/stolen");
    body.put("source", "/workspace/serve.py");
    body.put("destination", "/workspace/stolen");
    body.put("old_path", "/workspace/serve.py");
    body.put("new_path", "/workspace/stolen");
    body.put("content", "eA==");
    body.put("mode", "0644");
    body.put("port", 8000);
    body.put("files", List.of(Map.of("path", "/workspace/x", "content_base64", "eA==")));
    body.put("vars", List.of(Map.of("key", "A", "value", "b")));
    body.put("env", Map.of("A", "b"));
    body.put("tags", List.of("a"));
    body.put("data", "x");
    body.put("signal", "SIGTERM");
    body.put("public_key", Samples.SSH_KEY);
    body.put("domain", Given.unique("walk") + ".example.test");
    body.put("source_sandbox_id", sandbox.id());
    body.put("redirect_policy", "none");
    body.put("target_workspace_id", ids.get("workspaces"));
    body.put("resource_ids", List.of(sandbox.id()));
    body.put("cpu_count", 1);
    body.put("timeout_sec", 60);
    body.put("volume_id", volume());
    body.put("monthly_cap_cents", 1);
    body.put("name", "stolen");
    body.put("code", "1");
    body.put("email", "stolen@example.test");
    body.put("role", "member");
    body.put("user_id", ids.get("members"));
    body.put("from_environment_id", ids.get("environments"));
    body.put("variables", Map.of("STOLEN", "x"));
    body.put("scopes", List.of("sandboxes:read"));
    body.put("value", "stolen");
    body.put("rules", List.of());
    if (path.contains("/browser-token")) {
      body.put("scopes", List.of("exec"));
    }
    if (path.contains("/shared-variables")) {
      body.remove("env");
    }
    if (path.endsWith("/replay")) {
      body.remove("source");
    }
    if (path.contains("/chmod")) {
      body.put("mode", "0644");
    }
    if (path.contains("/exec") || path.contains("/previews")) {
      body.remove("name");
    }
    return body;
  }
}

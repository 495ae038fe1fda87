package com.atoll.scenarios;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One of everything that an organization can have, by the word that stands before its id. */
final class Possessions implements AutoCloseable {
  private final Given given;
  private final Members members;
  private final Map<String, String> ids = new LinkedHashMap<>();
  private final Sandbox sandbox;
  private final Deployment deployment;
  private final Template template;

  Possessions(Given given) {
    this.given = given;
    this.members = new Members(given);
    sandbox = given.aSandbox().with("name", Given.unique("mine")).running().serving(8000, "mine");
    sandbox.withFile("/workspace/dist/index.html", "mine");
    deployment = given.published(sandbox, Map.of("output_path", "/workspace/dist"));
    ids.put("sandboxes", sandbox.id());
    ids.put("by-name", given.api.get(sandbox.at("")).string("name"));
    ids.put("deployments", deployment.id());
    String pid =
        given.api.post(sandbox.at("/processes"), Map.of("command", "sleep 600")).string("pid");
    Map<String, Object> many = Map.of("ids", List.of(sandbox.id()));
    ids.put("jobs", given.api.post("/bulk/sandboxes/resume", many).expect(200).string("job_id"));
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
    Map<String, Object> connector = Map.of("connector", "walk", "env_name", "WALKED");
    ids.put("connectors", made(sandbox.at("/connectors"), connector));
    Map<String, Object> service = Map.of("name", "walk", "command", "sleep 600");
    ids.put("services", made(sandbox.at("/services"), service));
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

  Sandbox sandbox() {
    return sandbox;
  }

  Deployment deployment() {
    return deployment;
  }

  /** Who belongs to the organization, and its keys. */
  Members members() {
    return members;
  }

  /** The id of the one of this kind; null when ids of the kind are not known. */
  @Nullable String find(String kind) {
    return ids.get(kind);
  }

  /** All ids, by kind. */
  Map<String, String> all() {
    return Map.copyOf(ids);
  }

  /** The id of the one of this kind, or a word that is none. */
  String id(String kind) {
    return ids.getOrDefault(kind, "none");
  }

  @Override
  public void close() {
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
}

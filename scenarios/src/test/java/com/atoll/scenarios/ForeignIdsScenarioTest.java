package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Puts the ids of one organization into every field of every body and query that another one sends:
 * nothing of the first is shown, changed or used.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForeignIdsScenarioTest {
  /** Which kinds of ids a field may mean; any other one is given those of {@code OTHER}. */
  private static final Map<String, List<String>> KINDS =
      Map.ofEntries(
          Map.entry("workspace_id", List.of("workspaces")),
          Map.entry("target_workspace_id", List.of("workspaces")),
          Map.entry("project_id", List.of("projects")),
          Map.entry("volume_id", List.of("volumes")),
          Map.entry("snapshot_id", List.of("snapshots")),
          Map.entry("template_id", List.of("sandbox-templates")),
          Map.entry("deployment_id", List.of("deployments")),
          Map.entry("version_id", List.of("versions")),
          Map.entry("release_id", List.of("releases")),
          Map.entry("policy_id", List.of("policies")),
          Map.entry("secret_id", List.of("secrets")),
          Map.entry("connector", List.of("secrets")),
          Map.entry("user_id", List.of("members")),
          Map.entry("new_owner_user_id", List.of("members")),
          Map.entry("owner_user_id", List.of("members")),
          Map.entry("principal_id", List.of("members", "api-keys", "service-accounts")),
          Map.entry("actor_id", List.of("members", "api-keys")),
          Map.entry("consumer_id", List.of("webhooks")),
          Map.entry("resource_id", List.of("sandboxes", "workspaces")),
          Map.entry("target_id", List.of("deployments", "sandboxes")),
          Map.entry("delivery_ids", List.of("deliveries")),
          Map.entry("environment", List.of("environments")),
          Map.entry("from_environment_id", List.of("environments")),
          Map.entry("tenant_id", List.of("tenants")),
          Map.entry("ids", List.of("snapshots", "notifications", "sandboxes", "workspaces")),
          Map.entry("scope_id", List.of("workspaces", "projects")),
          Map.entry("event_id", List.of("notifications")));

  private static final List<String> OTHER = List.of("sandboxes");
  private static final Map<String, String> TYPES =
      Map.of("sandboxes", "sandbox", "workspaces", "workspace", "deployments", "deployment");

  /** References that are the caller's own words, whatever they look like: nobody follows them. */
  private static final Set<String> WORDS =
      Set.of("external_user_id", "external_workspace_id", "external_project_id");

  /**
   * What takes any word there, and why that reaches nobody: it is a filter of one's own events, one
   * of several that are judged alone, no reference at all, or left out of account.
   */
  private static final Set<String> REVIEWED =
      Set.of(
          "PATCH /webhooks/{id} resource_id",
          "POST /webhooks resource_id",
          "POST /webhooks/{id}/replay delivery_ids",
          "POST /snapshots/delete ids",
          "POST /bulk/sandboxes/pause ids",
          "POST /bulk/sandboxes/resume ids",
          "POST /bulk/sandboxes/destroy ids",
          "POST /bulk/policy/apply ids",
          "POST /mcp id",
          "POST /egress/secrets owner_user_id",
          "POST /sandboxes/{id}/connectors/preflight connector",
          "POST /sandboxes/{id}/connectors/preflight installation_id",
          "POST /auth/sse-ticket resource_id",
          "POST /sse/ticket resource_id",
          "POST /snapshots/{id}/fork snapshot_id");

  private final Given given = new Given();
  private final Map<String, String> theirs = new LinkedHashMap<>();
  private final List<String> breaches = new ArrayList<>();
  private final Set<String> accepted = new TreeSet<>();
  private Possessions mine;
  private Fields fields;

  @BeforeAll
  void ownEverything() {
    mine = new Possessions(given);
    fields = new Fields(given.api);
    Api stranger = given.stranger;
    theirs.put(
        "sandboxes", stranger.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id"));
    for (String kind : List.of("workspaces", "projects")) {
      theirs.put(kind, stranger.get("/" + kind).json().path("data").get(0).path("id").asString());
    }
    made("deployments", "/deployments", Map.of("name", Given.unique("theirs")));
    made("volumes", "/volumes", Map.of("name", Given.unique("theirs"), "size_gb", 1));
    made(
        "webhooks",
        "/webhooks",
        Map.of("url", "https://example.com/", "events", List.of("sandbox.*")));
    made("policies", "/egress/policies", Map.of("name", "theirs", "mode", "audit_only"));
    made("secrets", "/egress/secrets", Map.of("name", "theirs", "value", "their own secret"));
    made("health-checks", "/health-checks", Map.of("name", "t", "url", "https://example.com/"));
    made("snapshots", "/sandboxes/" + theirs.get("sandboxes") + "/snapshots", Map.of());
    String environments = "/projects/" + theirs.get("projects") + "/environments";
    made("environments", environments, Map.of("name", Given.unique("theirs")));
    made(
        "services",
        "/sandboxes/" + theirs.get("sandboxes") + "/services",
        Map.of("name", "s", "command", "sleep 99"));
  }

  private void made(String kind, String path, Map<String, Object> body) {
    Reply reply = given.stranger.post(path, body).expect(201);
    String flat = reply.json().path("id").asString("");
    theirs.put(kind, flat.isEmpty() ? reply.json().path("data").path("id").asString() : flat);
  }

  @AfterAll
  void release() {
    // What was accepted is theirs, and of no use to anybody.
    for (JsonNode hook : given.stranger.get("/webhooks?limit=100").json().path("data")) {
      if (hook.path("url").asString("").equals("https://example.com/")) {
        given.stranger.delete("/webhooks/" + hook.path("id").asString());
      }
    }
    for (JsonNode secret : given.stranger.get("/egress/secrets").json().path("secrets")) {
      if (secret.path("name").asString("").equals("walk")) {
        given.stranger.delete("/egress/secrets/" + secret.path("id").asString());
      }
    }
    given.stranger.delete("/egress/policies/" + theirs.get("policies"));
    given.stranger.delete("/egress/secrets/" + theirs.get("secrets"));
    given.stranger.delete("/health-checks/" + theirs.get("health-checks"));
    given.stranger.delete("/deployments/" + theirs.get("deployments"));
    given.stranger.delete("/snapshots/" + theirs.get("snapshots"));
    given
        .stranger
        .get("/sandboxes")
        .json()
        .path("data")
        .forEach(row -> given.stranger.delete("/sandboxes/" + row.path("id").asString()));
    given.stranger.delete("/volumes/" + theirs.get("volumes"));
    mine.close();
  }

  @Test
  void noFieldReachesAnotherOrganization() {
    String sandbox = given.api.get(mine.sandbox().at("")).string("name");
    int tried = 0;
    for (Fields.Operation operation : fields.operations()) {
      String path = filled(operation.path());
      if (path.contains("{") || operation.endless()) {
        continue;
      }
      for (String name : operation.query()) {
        for (String id : ids(name)) {
          tried++;
          String asked = path + "?" + name + "=" + id;
          judge(
              operation,
              name,
              id,
              operation.method().equals("GET")
                  ? given.stranger.get(asked)
                  : given.stranger.json(operation.method(), asked, operation.least(), Map.of()));
        }
      }
      for (String name : operation.body().keySet()) {
        for (String id : ids(name)) {
          tried++;
          Map<String, Object> body = operation.least();
          companions(operation, id, body);
          boolean many = operation.body().get(name).toString().contains("array");
          body.put(name, many ? List.of(id) : id);
          judge(operation, name, id, given.stranger.json(operation.method(), path, body, Map.of()));
        }
      }
    }
    int count = tried;
    assertTrue(count > 150, () -> "only " + count + " fields were tried");
    accepted.removeAll(REVIEWED);
    assertEquals(Set.of(), accepted);
    given.api.get("/snapshots/" + mine.id("snapshots")).expect(200);
    assertEquals(List.of(), breaches);
    assertEquals(sandbox, given.api.get(mine.sandbox().at("")).expect(200).string("name"));
    assertEquals("mine", given.api.page(mine.deployment().url()).text());
  }

  /** What a field is given: the first organization's ids of what it may mean. */
  private List<String> ids(String name) {
    boolean meant =
        KINDS.containsKey(name)
            || name.equals("id")
            || name.endsWith("_id")
            || name.endsWith("ids");
    return !meant || WORDS.contains(name)
        ? List.of()
        : KINDS.getOrDefault(name, OTHER).stream().map(mine::id).toList();
  }

  /** What says beside an id of what kind it is. */
  private void companions(Fields.Operation operation, String id, Map<String, Object> body) {
    for (String name : List.of("resource_type", "target_type", "scope")) {
      for (Map.Entry<String, String> type : TYPES.entrySet()) {
        if (operation.body().containsKey(name) && mine.id(type.getKey()).equals(id)) {
          body.put(name, type.getValue());
        }
      }
    }
  }

  private void judge(Fields.Operation operation, String name, String id, Reply reply) {
    String field = operation.method() + " " + operation.path() + " " + name;
    if (reply.status() >= 500 && reply.status() != 501) {
      breaches.add(field + ": " + reply);
    }
    if (reply.status() / 100 != 2) {
      return;
    }
    String text = reply.text().replace(id, "");
    for (Map.Entry<String, String> known : mine.all().entrySet()) {
      String foreign = known.getValue();
      if (foreign.length() > 12 && !foreign.equals(id) && text.contains(foreign)) {
        breaches.add(field + " shows " + known.getKey() + ": " + reply);
      }
    }
    if (!operation.method().equals("GET")) {
      accepted.add(field);
    }
  }

  private String filled(String path) {
    String[] parts = path.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].startsWith("{")) {
        parts[i] = theirs.getOrDefault(parts[i - 1], parts[i]);
      }
    }
    return String.join("/", parts);
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * The customer's own ids on every resource that takes them: stored, echoed, filtered by, and
 * carried into events, the audit log and usage.
 */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AttributionScenarioTest {
  private static final List<String> ALL =
      List.of("external_workspace_id", "external_user_id", "external_project_id");
  private static final List<String> NO_PROJECT = ALL.subList(0, 2);

  private final Given given = new Given();
  private final Map<String, Object> ours = new LinkedHashMap<>();
  private final List<Made> made = new ArrayList<>();
  private final List<String> breaches = new ArrayList<>();
  private Sandbox sandbox;

  /**
   * Something with attribution.
   *
   * @param one path of it; empty when there is none
   * @param list path of the list that shows it; empty when it has no filters
   * @param attributes those that it takes or inherits
   * @param logged what events and audit log call it; empty when it is only read
   */
  private record Made(String id, String one, String list, List<String> attributes, String logged) {}

  @BeforeAll
  void makeEverything() {
    ALL.forEach(name -> ours.put(name, Given.unique(name)));
    Reply reply = given.api.post("/sandboxes", with(Map.of("size", "xs"))).expect(201);
    sandbox = new Sandbox(given.api, reply.string("id"), reply.string("slug"));
    made.add(new Made(sandbox.id(), sandbox.at(""), "/sandboxes", ALL, sandbox.id()));
    make("/volumes", Map.of("name", Given.unique("volume"), "size_gb", 1), ALL);
    make("/deployments", Map.of("name", Given.unique("site")), ALL);
    make("/projects", Map.of("name", Given.unique("project")), ALL);
    make("/workspaces", Map.of("name", Given.unique("workspace")), NO_PROJECT);
    inherited();
    egress();
  }

  private Map<String, Object> with(Map<String, Object> fields) {
    Map<String, Object> all = new LinkedHashMap<>(ours);
    all.putAll(fields);
    return all;
  }

  private static String id(Reply reply) {
    JsonNode json = reply.json();
    JsonNode id = json.has("id") ? json.path("id") : json.path("data").path("id");
    assertTrue(id.isString(), reply::toString);
    return id.asString();
  }

  private String make(String path, Map<String, Object> fields, List<String> attributes) {
    Map<String, Object> body = with(fields);
    ALL.stream().filter(name -> !attributes.contains(name)).forEach(body::remove);
    String id = id(given.api.post(path, body).expect(201));
    made.add(new Made(id, path + "/" + id, path, attributes, id));
    return id;
  }

  /** What belongs to a sandbox, a deployment or a project has the attribution of its owner. */
  private void inherited() {
    String snapshot = given.api.post(sandbox.at("/snapshots"), Map.of()).expect(201).string("id");
    made.add(new Made(snapshot, "/snapshots/" + snapshot, "/snapshots", ALL, snapshot));
    String preview =
        given.api.post(sandbox.at("/previews"), Map.of("port", 8000)).expect(201).string("id");
    made.add(new Made(preview, sandbox.at("/previews/" + preview), "", ALL, preview));
    String fork = given.api.post(sandbox.at("/fork"), Map.of()).expect(201).string("id");
    made.add(new Made(fork, "/sandboxes/" + fork, "/sandboxes", ALL, fork));
    String domain = Given.unique("attributed") + ".example.test";
    String registered = id(given.api.post("/custom-domains", with(Map.of("fqdn", domain))));
    made.add(new Made(registered, "/custom-domains/" + registered, "/custom-domains", ALL, ""));
    String project =
        made.stream().filter(one -> one.list().equals("/projects")).findFirst().orElseThrow().id();
    String environment =
        id(
            given
                .api
                .post("/projects/" + project + "/environments", Map.of("name", "attributed"))
                .expect(201));
    made.add(new Made(environment, "", "", ALL, environment));
  }

  private void egress() {
    Map<String, Object> bound =
        Map.of("resource_type", "sandbox", "resource_id", sandbox.id(), "mode", "audit_only");
    Map<String, Object> policy = new LinkedHashMap<>(bound);
    policy.put("name", "attributed");
    made.add(logged(id(given.api.post("/egress/policies", policy).expect(201))));
    Map<String, Object> rule = new LinkedHashMap<>(bound);
    rule.put("host", "attributed.example.test");
    made.add(logged(id(given.api.post("/egress/allowlist", rule).expect(201))));
  }

  private static Made logged(String id) {
    return new Made(id, "", "", ALL, id);
  }

  @AfterAll
  void removeEverything() {
    for (Made one : made.reversed()) {
      if (!one.one().isEmpty()) {
        given.api.delete(one.one());
      }
    }
  }

  @Test
  void everyResourceCarriesTheIdsEverywhere() {
    for (Made one : made) {
      echoed(one);
      filtered(one);
      if (!one.logged().isEmpty()) {
        carried(one, "/audit-log?resource_id=" + one.logged());
        carried(one, "/activity?resource_id=" + one.logged());
        streamed(one);
      }
    }
    assertEquals(List.of(), breaches);
  }

  private void echoed(Made one) {
    if (one.one().isEmpty()) {
      return;
    }
    String text = given.api.get(one.one()).expect(200).text();
    for (String name : one.attributes()) {
      if (!text.contains("\"" + name + "\":\"" + ours.get(name) + "\"")) {
        breaches.add(one.one() + " does not echo " + name);
      }
    }
  }

  private void filtered(Made one) {
    if (one.list().isEmpty()) {
      return;
    }
    for (String name : one.attributes()) {
      String path = one.list() + "?limit=100&" + name + "=";
      if (!given.api.get(path + ours.get(name)).expect(200).text().contains(one.id())) {
        breaches.add(path + " does not find " + one.id());
      }
      if (given.api.get(path + Given.unique("none")).expect(200).text().contains(one.id())) {
        breaches.add(path + " does not filter");
      }
      if (given.stranger.get(path + ours.get(name)).expect(200).text().contains(one.id())) {
        breaches.add(path + " shows it to others");
      }
    }
  }

  private void carried(Made one, String path) {
    JsonNode rows = given.api.get(path).expect(200).json().path("data");
    if (rows.isEmpty()) {
      breaches.add(path + " has no row");
    }
    for (JsonNode row : rows) {
      for (String name : one.attributes()) {
        if (!row.path(name).asString("").equals(ours.get(name))) {
          breaches.add(path + " has another " + name + ": " + row);
        }
      }
    }
  }

  private void streamed(Made one) {
    String path = "/events/stream?limit=100&resource_id=" + one.logged();
    for (String name : one.attributes()) {
      String events =
          given
              .api
              .send(
                  "GET",
                  path + "&" + name + "=" + ours.get(name),
                  BodyPublishers.noBody(),
                  Map.of("Accept", "application/json"))
              .expect(200)
              .text();
      if (!events.contains(one.logged())) {
        breaches.add(path + " has no event with this " + name);
      }
    }
  }

  @Test
  void whatIsDoneInsideASandboxIsTheirs() {
    Reply ran = given.api.post(sandbox.at("/exec"), Map.of("command", "true")).expect(200);
    JsonNode entry =
        given
            .api
            .get("/audit-log?request_id=" + ran.header("X-Request-ID"))
            .expect(200)
            .json()
            .path("data")
            .get(0);
    ALL.forEach(name -> assertEquals(ours.get(name), entry.path(name).asString(), entry::toString));
  }

  @Test
  void usageIsTheirs() {
    for (String name : ALL) {
      Given.eventually(
          40,
          "usage of " + name,
          () ->
              given
                  .api
                  .get("/usage?group_by=" + name + "&" + name + "=" + ours.get(name))
                  .expect(200)
                  .text()
                  .contains(String.valueOf(ours.get(name))));
    }
  }

  @Test
  void aKeyOfACustomersUserIsTheirs() {
    String user = Given.unique("user");
    Reply key =
        given.api.post(
            "/api-keys/scoped",
            Map.of(
                "name", "theirs", "external_user_id", user, "scopes", List.of("sandboxes:read")));
    String id = id(key);
    try {
      JsonNode entry =
          given.api.get("/audit-log?resource_id=" + id).expect(200).json().path("data").get(0);
      assertEquals(user, entry.path("external_user_id").asString(), entry::toString);
    } finally {
      given.api.delete("/api-keys/" + id);
    }
  }
}

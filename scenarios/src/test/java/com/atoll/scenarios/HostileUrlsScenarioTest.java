package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Puts places that nobody may reach from here into every field that holds an address. */
@Tag("fast")
@Tag("all")
final class HostileUrlsScenarioTest {
  /**
   * Loopback itself is open to deliveries in this installation, for the receivers of other tests.
   */
  private static final List<String> PLACES =
      List.of(
          "http://169.254.169.254/latest/meta-data/",
          "http://[::ffff:169.254.169.254]/",
          "http://[::1]/",
          "http://[::]/",
          "http://0.0.0.0/",
          "http://10.0.0.1/",
          "http://172.16.0.1/",
          "http://192.168.0.1/",
          "http://100.100.100.200/",
          "http://[fd00:ec2::254]/",
          "http://[fe80::1]/",
          "http://[64:ff9b::a9fe:a9fe]/",
          "http://[2002:a9fe:a9fe::]/",
          "http://2852039166/",
          "http://0xa9fea9fe/",
          "http://0251.0376.0251.0376/",
          "http://169.254.43518/",
          "http://0x7f.1/",
          "http://example.com@169.254.169.254/",
          "http://169.254.169.254#@example.com/",
          "http://169.254.169.254\\@example.com/",
          "file:///etc/passwd",
          "gopher://169.254.169.254:80/_x",
          "unix:///run/atoll/node.sock",
          "jar:http://169.254.169.254!/x");

  /** Shown to people as it was written; nothing here asks there. */
  private static final Set<String> NAMES = Set.of("repo_url");

  private final Given given = new Given();

  @Test
  void noFieldLeadsInside() {
    Fields fields = new Fields(given.api);
    Map<String, String> own = new HashMap<>();
    own.put(
        "sandboxes",
        given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id"));
    own.put("projects", first("/projects"));
    own.put(
        "environments",
        data(
            given.stranger.post(
                "/projects/" + own.get("projects") + "/environments",
                Map.of("name", Given.unique("walk")))));
    Map<String, Object> hook =
        Map.of("url", "https://example.com/", "events", List.of("sandbox.*"));
    own.put("webhooks", data(given.stranger.post("/webhooks", hook)));
    Map<String, Object> check = Map.of("name", "walk", "url", "https://example.com/");
    own.put("health-checks", data(given.stranger.post("/health-checks", check)));
    Map<String, Object> tools = Map.of("name", Given.unique("walk"), "url", "https://example.com/");
    own.put("mcp-servers", data(given.stranger.post("/mcp-servers", tools)));
    Set<String> accepted = new TreeSet<>();
    Set<String> checks = new TreeSet<>();
    List<String> broken = new ArrayList<>();
    int tried = 0;
    for (Fields.Operation operation : fields.operations()) {
      String path = filled(own, operation.path());
      for (String name : operation.body().keySet()) {
        if (path.contains("{")
            || NAMES.contains(name)
            || !name.matches("(.*_)?(url|uri|endpoint)")) {
          continue;
        }
        for (String place : PLACES) {
          tried++;
          Map<String, Object> body = operation.least();
          body.put(name, place);
          Reply reply = given.stranger.json(operation.method(), path, body, Map.of());
          boolean later = operation.path().startsWith("/health-checks");
          if (later && reply.status() / 100 == 2) {
            // Its own gateway may be asked, so it is looked at when it is asked.
            checks.add(reply.string("id"));
          } else if (reply.status() / 100 == 2) {
            accepted.add(operation.method() + " " + operation.path() + " " + name + " " + place);
          } else if (reply.status() >= 500 && reply.status() != 501) {
            broken.add(reply.toString());
          }
        }
      }
    }
    for (String kind : List.of("sandboxes", "webhooks", "health-checks", "mcp-servers")) {
      given.stranger.delete("/" + kind + "/" + own.get(kind));
    }
    int count = tried;
    checks.remove(own.get("health-checks"));
    Given.eventually(60, "no check asks inside", () -> checks.stream().allMatch(this::isRefused));
    checks.forEach(id -> given.stranger.delete("/health-checks/" + id));
    assertEquals(Set.of(), accepted);
    assertEquals(List.of(), broken);
    assertTrue(count > 100, () -> "only " + count + " were tried");
  }

  private boolean isRefused(String check) {
    JsonNode shown = given.stranger.get("/health-checks/" + check).json();
    return shown.path("status").asString("").equals("unhealthy")
        && shown.path("last_error").asString("").contains("no public address");
  }

  private String first(String path) {
    return given.stranger.get(path).expect(200).json().path("data").get(0).path("id").asString();
  }

  private static String data(Reply reply) {
    String flat = reply.expect(201).json().path("id").asString("");
    return flat.isEmpty() ? reply.json().path("data").path("id").asString() : flat;
  }

  private static String filled(Map<String, String> own, String path) {
    String[] parts = path.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].startsWith("{")) {
        parts[i] = own.getOrDefault(parts[i - 1], parts[i]);
      }
    }
    return String.join("/", parts);
  }
}

package com.atoll.scenarios;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The operations of the published document, and how each is asked for what somebody has. */
final class Registry {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  private final Api api;
  private final Possessions mine;

  /** An operation. */
  record Route(String method, String path) {}

  Registry(Api api, Possessions mine) {
    this.api = api;
    this.mine = mine;
  }

  /**
   * Every operation; what ends a resource comes last, so that a breach does not hide the others.
   */
  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    JsonNode paths = api.get("/openapi.json").expect(200).json().path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (METHODS.contains(method)) {
          String shortened = path.getKey().replaceFirst("^/api/v1", "");
          routes.add(new Route(method.toUpperCase(Locale.ROOT), shortened));
        }
      }
    }
    routes.sort(Comparator.comparing(route -> route.method().equals("DELETE")));
    return routes;
  }

  /** A path with the ids of what there is in the places of its parameters. */
  String filled(String path) {
    String[] parts = path.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      // Whoever holds a token was given it, and only a person switches organizations.
      if (parts[i].startsWith("{") && !Set.of("{token}", "{id_or_slug}").contains(parts[i])) {
        String known = mine.find(parts[i - 1]);
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
  Map<String, Object> body(String path) {
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
    body.put("source_sandbox_id", mine.sandbox().id());
    body.put("redirect_policy", "none");
    body.put("target_workspace_id", mine.id("workspaces"));
    body.put("resource_ids", List.of(mine.sandbox().id()));
    body.put("cpu_count", 1);
    body.put("timeout_sec", 60);
    body.put("volume_id", mine.id("volumes"));
    body.put("monthly_cap_cents", 1);
    body.put("name", "stolen");
    body.put("code", "1");
    body.put("email", "stolen@example.test");
    body.put("role", "member");
    body.put("user_id", mine.id("members"));
    body.put("from_environment_id", mine.id("environments"));
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

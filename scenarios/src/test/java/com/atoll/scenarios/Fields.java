package com.atoll.scenarios;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** What the published document says of the fields of bodies and of queries. */
final class Fields {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
  private static final Map<String, Object> USUAL =
      Map.ofEntries(
          Map.entry("name", "walk"),
          Map.entry("command", "true"),
          Map.entry("url", "https://example.com/"),
          Map.entry("host", "example.com"),
          Map.entry("port", 8000),
          Map.entry("value", "a value of some length"),
          Map.entry("events", List.of("sandbox.*")),
          Map.entry("event_type", "sandbox.created"),
          Map.entry("scope", "organization"),
          Map.entry("cap_cents", 100),
          Map.entry("public_key", Samples.SSH_KEY),
          Map.entry("role", "member"),
          Map.entry("consumer_kind", "webhook"),
          Map.entry("capability", "sandbox.get"),
          Map.entry("principal_type", "user"),
          Map.entry("principal_id", "nobody"),
          Map.entry("user_id", "nobody"),
          Map.entry("email", "walk@example.test"));

  private final JsonNode document;

  Fields(Api api) {
    document = api.get("/openapi.json").expect(200).json();
  }

  /**
   * An operation.
   *
   * @param body the properties of its body, by name; empty where it has none
   * @param required those of them that must be there
   * @param query the names of its parameters in the query
   */
  record Operation(
      String method,
      String path,
      Map<String, JsonNode> body,
      Set<String> required,
      List<String> query,
      boolean endless) {

    /** A body with what is required. */
    Map<String, Object> least() {
      Map<String, Object> least = new LinkedHashMap<>();
      for (String name : required) {
        least.put(name, usual(name, body.getOrDefault(name, MissingNode.getInstance())));
      }
      return least;
    }

    private static Object usual(String name, JsonNode schema) {
      Object known = USUAL.get(name);
      if (known != null) {
        return known;
      }
      return switch (schema.path("type").asString("string")) {
        case "integer", "number" -> 1;
        case "boolean" -> true;
        case "array" -> List.of();
        case "object" -> Map.of();
        default -> "walk";
      };
    }
  }

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (METHODS.contains(operation.getKey())) {
          all.add(
              read(
                  operation.getKey().toUpperCase(Locale.ROOT),
                  path.getKey().replaceFirst("^/api/v1", ""),
                  operation.getValue()));
        }
      }
    }
    return all;
  }

  private Operation read(String method, String path, JsonNode node) {
    Map<String, JsonNode> body = new LinkedHashMap<>();
    Set<String> required = new LinkedHashSet<>();
    JsonNode schema =
        whole(node.path("requestBody").path("content").path("application/json").path("schema"));
    schema.path("properties").properties().forEach(p -> body.put(p.getKey(), whole(p.getValue())));
    schema.path("required").forEach(name -> required.add(name.asString()));
    required.retainAll(body.keySet());
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : node.path("parameters")) {
      if (parameter.path("in").asString("").equals("query")) {
        query.add(parameter.path("name").asString());
      }
    }
    boolean endless = node.path("responses").toString().contains("text/event-stream");
    return new Operation(method, path, body, required, query, endless);
  }

  private JsonNode whole(JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    return reference.isEmpty()
        ? schema
        : whole(
            document
                .path("components")
                .path("schemas")
                .path(reference.substring(reference.lastIndexOf('/') + 1)));
  }
}

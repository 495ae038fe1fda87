package com.atoll.server.docs;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Operation.Access;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.http.Registry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The OpenAPI 3.1 document of a registry. */
public final class OpenApi {
  private static final Pattern PARAMETER = Pattern.compile("[:*]([a-z_]+)");

  private static final String OTHER = "OtherError";

  private final Schemas schemas = new Schemas();

  private OpenApi() {}

  /** The document, as maps and lists. */
  public static Map<String, Object> of(Registry registry) {
    return new OpenApi().document(registry);
  }

  private Map<String, Object> document(Registry registry) {
    Map<String, Map<String, Object>> paths = new TreeMap<>();
    registry.operations().stream()
        .map(Operation::declaration)
        .filter(d -> !d.hidden())
        .sorted(Comparator.comparing(Declaration::path).thenComparing(Declaration::method))
        .forEach(d ->
            paths
                .computeIfAbsent(
                    PARAMETER.matcher(d.path()).replaceAll("{$1}"), p -> new LinkedHashMap<>())
                .put(d.method().name().toLowerCase(Locale.ROOT), operation(d)));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.0");
    document.put("info", new TreeMap<>(Map.of("title", "Atoll API", "version", "1")));
    document.put("servers", List.of(Map.of("url", "/api/v1")));
    document.put("security", List.of(Map.of("key", List.of())));
    document.put("paths", paths);
    Map<String, Object> components = new LinkedHashMap<>();
    components.put(
        "securitySchemes",
        Map.of("key", new TreeMap<>(Map.of("type", "http", "scheme", "bearer"))));
    Map<String, Object> all = new LinkedHashMap<>(schemas.named());
    all.put("Error", ErrorSchema.SCHEMA);
    components.put("responses", Map.of(OTHER, otherErrors()));
    components.put("schemas", all);
    document.put("components", components);
    return document;
  }

  private Map<String, Object> operation(Declaration d) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", d.id());
    operation.put("summary", d.summary());
    operation.put("tags", List.of(d.area()));
    operation.put("x-priority", d.priority());
    if (d.idempotency() != null) {
      operation.put("x-idempotency", d.idempotency().name().toLowerCase(Locale.ROOT));
    }
    if (d.scope() != null) {
      operation.put("x-scope", d.scope());
    }
    if (!d.implemented()) {
      operation.put("x-not-implemented", true);
    }
    if (d.access() == Access.ANYONE) {
      operation.put("security", List.of());
    }
    List<Object> parameters = parameters(d);
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    requestBody(d, operation);
    operation.put("responses", responses(d));
    return operation;
  }

  private static List<Object> parameters(Declaration d) {
    List<Object> all = new ArrayList<>();
    Matcher names = PARAMETER.matcher(d.path());
    while (names.find()) {
      Map<String, Object> parameter = new LinkedHashMap<>();
      parameter.put("name", names.group(1));
      parameter.put("in", "path");
      parameter.put("required", true);
      parameter.put("schema", Map.of("type", "string"));
      all.add(parameter);
    }
    d.parameters()
        .forEach(p -> {
          Map<String, Object> parameter = new LinkedHashMap<>();
          parameter.put("name", p.name());
          parameter.put("in", "query");
          parameter.put("description", p.doc());
          parameter.put("schema", Map.of("type", p.type()));
          all.add(parameter);
        });
    return all;
  }

  private void requestBody(Declaration d, Map<String, Object> operation) {
    if (d.rawRequest()) {
      operation.put(
          "requestBody", Map.of("content", content("application/octet-stream", Map.of())));
    } else if (CommonErrors.hasBody(d)) {
      operation.put(
          "requestBody", Map.of("content", content("application/json", schemas.of(d.request()))));
    }
  }

  private Map<String, Object> responses(Declaration d) {
    Map<String, Object> responses = new TreeMap<>();
    Map<String, Object> success = new LinkedHashMap<>();
    success.put("description", d.implemented() ? "Success." : "What a later release answers.");
    if (d.envelope() == Envelope.WEB_SOCKET) {
      success.put("description", "The connection speaks WebSocket from here on.");
    } else if (d.envelope() != Envelope.NO_CONTENT) {
      Map<String, Object> content = new LinkedHashMap<>();
      for (String type : d.contentTypes()) {
        content.putAll(content(type, answer(d, type)));
      }
      success.put("content", content);
    }
    responses.put(
        d.envelope() == Envelope.WEB_SOCKET ? "101" : Integer.toString(d.status()), success);
    if (d.otherStatus() != 0) {
      responses.put(Integer.toString(d.otherStatus()), success);
    }
    if (d.otherStatus() == 206) {
      responses.put("304", Map.of("description", "What If-None-Match names is still the same."));
    }
    codes(d)
        .forEach((status, names) -> {
          Map<String, Object> error = new LinkedHashMap<>();
          error.put("description", String.join(", ", names));
          error.put("content", content("application/json", ErrorSchema.reference()));
          responses.put(Integer.toString(status), error);
        });
    responses.put("default", Map.of("$ref", "#/components/responses/" + OTHER));
    return responses;
  }

  /**
   * The codes of each status for which the operation has some of its own, or whose fields may be
   * wrong; what all have in common besides is told once.
   */
  private static Map<Integer, List<String>> codes(Declaration d) {
    Set<ErrorCode> own = EnumSet.noneOf(ErrorCode.class);
    own.addAll(d.errors());
    if (CommonErrors.hasBody(d)) {
      own.add(ErrorCode.VALIDATION_FAILED);
    }
    Set<Integer> statuses = own.stream().map(ErrorCode::status).collect(Collectors.toSet());
    own.addAll(CommonErrors.of(d));
    Map<Integer, List<String>> codes = new TreeMap<>();
    for (ErrorCode code : own) {
      if (statuses.contains(code.status())) {
        codes.computeIfAbsent(code.status(), s -> new ArrayList<>()).add(code.code());
      }
    }
    return codes;
  }

  private static Map<String, Object> otherErrors() {
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("description", CommonErrors.sentence());
    other.put("content", content("application/json", ErrorSchema.reference()));
    return other;
  }

  /** What is answered in a content type: the frames of a stream have no common fields. */
  private Map<String, Object> answer(Declaration d, String type) {
    if (d.envelope() != Envelope.EVENTS) {
      return Envelopes.schema(d.envelope(), schema(d));
    }
    return type.equals("application/json") ? Envelopes.schema(d.instead(), schema(d)) : Map.of();
  }

  private Map<String, Object> schema(Declaration d) {
    return d.response() == NoBody.class ? Map.of() : schemas.of(d.response());
  }

  private static Map<String, Object> content(String type, Map<String, Object> schema) {
    return Map.of(type, Map.of("schema", schema));
  }
}

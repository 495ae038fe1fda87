package com.atoll.server.docs;

import com.atoll.server.http.Json;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.http.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** The schema of everything that an operation is asked with, as one object. */
public final class ToolSchemas {
  private static final String SHARED = "#/components/schemas/";
  private static final String OWN = "#/$defs/";

  private ToolSchemas() {}

  /** The schema of an operation with these parameters in its path. */
  public static Map<String, Object> input(Declaration operation, List<String> path) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<Object> required = new ArrayList<>(path);
    for (String name : path) {
      properties.put(name, Map.of("type", "string"));
    }
    for (Parameter parameter : operation.parameters()) {
      properties.put(
          parameter.name(), Map.of("type", parameter.type(), "description", parameter.doc()));
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    if (operation.request() != NoBody.class) {
      Schemas schemas = new Schemas();
      String name =
          String.valueOf(schemas.of(operation.request()).get("$ref")).substring(SHARED.length());
      Map<String, Map<String, Object>> named = new LinkedHashMap<>(schemas.named());
      Map<String, Object> body = named.getOrDefault(name, Map.of());
      named.remove(name);
      if (body.get("properties") instanceof Map<?, ?> fields) {
        fields.forEach(
            (field, described) -> properties.putIfAbsent(String.valueOf(field), described));
      }
      if (body.get("required") instanceof List<?> needed) {
        required.addAll(needed);
      }
      if (!named.isEmpty()) {
        schema.put("$defs", named);
      }
    }
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required.stream().distinct().toList());
    }
    return Json.MAPPER.readValue(
        Json.MAPPER.writeValueAsString(schema).replace(SHARED, OWN),
        new TypeReference<Map<String, Object>>() {});
  }
}

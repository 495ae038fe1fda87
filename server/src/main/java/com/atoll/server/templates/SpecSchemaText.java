package com.atoll.server.templates;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON Schema of build specifications. */
final class SpecSchemaText {
  static final Map<String, Object> SCHEMA = schema();

  private SpecSchemaText() {}

  private static Map<String, Object> schema() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("from", of("string", "Template or image of an OCI registry below."));
    Map<String, Object> size = of("string", "Named size; small by default.");
    size.put("enum", List.of("xs", "small", "medium", "large", "xl"));
    properties.put("size", size);
    properties.put("vcpu", of("integer", "CPUs, instead of those of the size."));
    properties.put("memoryMib", of("integer", "Memory, instead of that of the size."));
    properties.put("diskMib", of("integer", "Disk, instead of that of the size."));
    properties.put("packages", list("Debian packages, installed before the first step."));
    Map<String, Object> run = new LinkedHashMap<>(of("object", "A step."));
    run.put("properties", Map.of("run", of("string", "Shell line.")));
    run.put("required", List.of("run"));
    Map<String, Object> steps = of("array", "Run one after the other.");
    steps.put("items", run);
    properties.put("steps", steps);
    Map<String, Object> env = of("object", "Variables of the steps and of every process.");
    env.put("additionalProperties", Map.of("type", "string"));
    properties.put("env", env);
    properties.put("workdir", of("string", "Where steps and the app run; /workspace by default."));
    properties.put("user", of("string", "Who runs them; root by default."));
    properties.put("startCmd", nullable("string", "Starts the app."));
    properties.put("readyCmd", nullable("string", "Succeeds once the app is ready."));
    Map<String, Object> port = nullable("integer", "Where the app listens.");
    port.put("minimum", 1);
    port.put("maximum", 65_535);
    properties.put("previewPort", port);
    properties.put("artifactPaths", list("What the app makes."));
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "BuildSpec");
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put("required", List.of("from"));
    return schema;
  }

  private static Map<String, Object> list(String description) {
    Map<String, Object> list = of("array", description);
    list.put("items", Map.of("type", "string"));
    return list;
  }

  private static Map<String, Object> nullable(String type, String description) {
    Map<String, Object> schema = of(type, description);
    schema.put("type", List.of(type, "null"));
    return schema;
  }

  private static Map<String, Object> of(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }
}

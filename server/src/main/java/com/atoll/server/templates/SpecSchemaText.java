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
    Map<String, Object> steps = of("array", "Done one after the other.");
    steps.put("items", step());
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

  private static Map<String, Object> step() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("run", of("string", "Shell line."));
    properties.put("copy", copy());
    properties.put("name", of("string", "What you call it."));
    properties.put("user", of("string", "Who runs it, instead of the user of all."));
    properties.put("workdir", of("string", "Where, instead of the workdir of all."));
    Map<String, Object> env = of("object", "Variables of this step, besides those of all.");
    env.put("additionalProperties", Map.of("type", "string"));
    properties.put("env", env);
    properties.put("fresh", of("boolean", "Takes nothing from earlier builds from here on."));
    Map<String, Object> step = of("object", "Either runs a shell line or copies files.");
    step.put("properties", properties);
    step.put("oneOf", List.of(required("run"), required("copy")));
    return step;
  }

  private static Map<String, Object> copy() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("files", of("string", "The name that they were uploaded under."));
    properties.put("from", of("string", "What of them: a path or a pattern; . for everything."));
    properties.put("to", of("string", "Where to; with / at its end a directory."));
    properties.put("owner", of("string", "user or user:group; default who runs the step."));
    properties.put("mode", of("string", "Octal digits; default as they were packed."));
    Map<String, Object> copy = of("object", "Copies uploaded files into the image.");
    copy.put("properties", properties);
    copy.put("required", List.of("files", "from", "to"));
    return copy;
  }

  private static Map<String, Object> required(String field) {
    return Map.of("required", List.of(field));
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

package com.atoll.server.docs;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Schemas that no record stands behind: the error, the meta part of lists. */
final class ErrorSchema {
  static final Map<String, Object> SCHEMA = error();
  static final Map<String, Object> META = meta();

  private ErrorSchema() {}

  static Map<String, Object> reference() {
    return Map.of("$ref", "#/components/schemas/Error");
  }

  private static Map<String, Object> error() {
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("code", described("string", "The code; the reference has a page for each."));
    inner.put("message", described("string", "What went wrong."));
    inner.put("request_id", described("string", "The id of the request, as in X-Request-ID."));
    inner.put("retryable", described("boolean", "Whether the same request may succeed later."));
    inner.put("fix", described("string", "What to do about it."));
    inner.put("doc_url", described("string", "Path of the page about this code on this server."));
    inner.put("details", described("object", "Details that a program can read."));
    inner.put("retry_after", described("integer", "Seconds after which to try again."));
    inner.put("retry_after_ms", described("integer", "The same in milliseconds."));
    Map<String, Object> outer = new LinkedHashMap<>();
    outer.put("error", object(inner));
    outer.put("message", described("string", "The same as error.message."));
    outer.put("code", described("string", "The same as error.code."));
    outer.put("request_id", described("string", "The same as error.request_id."));
    outer.put("retry_after", described("integer", "The same as error.retry_after."));
    outer.put("details", described("object", "The same as error.details."));
    outer.put("errors", wrongFields());
    return object(outer);
  }

  private static Map<String, Object> wrongFields() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", List.of("object", "array"));
    schema.put(
        "description",
        "The wrong fields, each with what is wrong; of a build specification a list of field, code"
            + " and message.");
    return schema;
  }

  private static Map<String, Object> meta() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("total", described("integer", "How many there are on all pages."));
    properties.put("page", described("integer", "Number of this page, from 1."));
    properties.put("per_page", described("integer", "Items on a page."));
    properties.put("page_size", described("integer", "The same as per_page."));
    Map<String, Object> cursor = new LinkedHashMap<>();
    cursor.put("type", List.of("string", "null"));
    cursor.put("description", "Where the next page begins.");
    properties.put("next_cursor", cursor);
    properties.put("has_more", described("boolean", "Whether there is a next page."));
    return object(properties);
  }

  private static Map<String, Object> described(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }

  private static Map<String, Object> object(Map<String, Object> properties) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    return schema;
  }
}

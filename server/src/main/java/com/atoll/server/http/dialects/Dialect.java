package com.atoll.server.http.dialects;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The client that asks, as far as an answer depends on it. */
public enum Dialect {
  /** Everybody who is not named below, or does not say. */
  COMMON,
  /** The Go SDK and CLI: older ones decode the tags of a sandbox as a map. */
  GO,
  /** The Elixir SDK: reads {@code error} as a text. */
  ELIXIR,
  /** The CLI. */
  CLI,
  /** The E2B SDKs, told by the path: {@code code} of an error is a number. */
  E2B;

  /** The dialect of a request. */
  public static Dialect of(String path, @Nullable String userAgent) {
    if (path.startsWith("/e2b/")) {
      return E2B;
    }
    if (userAgent == null) {
      return COMMON;
    }
    if (userAgent.startsWith("miosa-go/") || userAgent.startsWith("Go-http-client/")) {
      return GO;
    }
    if (userAgent.startsWith("miosa-elixir/")) {
      return ELIXIR;
    }
    return userAgent.startsWith("miosa-cli/") ? CLI : COMMON;
  }

  /** Takes out of an answer what this client cannot read. */
  public void adapt(JsonNode answer) {
    if (this != GO) {
      return;
    }
    if (answer instanceof ArrayNode list) {
      list.forEach(this::adapt);
    } else if (answer instanceof ObjectNode object) {
      if (object.has("resource_contract")) {
        object.remove("tags");
      }
      JsonNode data = object.get("data");
      if (data != null) {
        adapt(data);
      }
    }
  }
}

package com.atoll.server.mcp;

import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Does what a tool is for, and says it as the protocol says it. */
final class ToolCall {
  private static final List<String> PASSED_ON =
      List.of(
          "Authorization",
          "X-MIOSA-Tenant",
          "X-MIOSA-Workspace",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Proto",
          "User-Agent");

  private final Loopback loopback;

  ToolCall(Loopback loopback) {
    this.loopback = loopback;
  }

  Map<String, Object> run(Call call, Tool tool, Map<String, Object> arguments) {
    Map<String, Object> left = new LinkedHashMap<>(arguments);
    String path = tool.operation().path();
    for (String name : tool.pathParameters()) {
      Object value = left.remove(name);
      if (value == null || String.valueOf(value).isEmpty()) {
        return said(name + " is required", true);
      }
      path = path.replaceFirst("[:*]" + name + "(?![a-z_])", escaped(value));
    }
    StringBuilder query = new StringBuilder();
    for (String name : tool.queryParameters()) {
      Object value = left.get(name);
      if (value != null) {
        left.remove(name);
        query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(escaped(value));
      }
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Host", "localhost");
    headers.put("Content-Type", "application/json");
    headers.put("Accept", "application/json");
    for (String name : PASSED_ON) {
      pass(headers, name, call.header(name));
    }
    if (left.remove("idempotency_key") instanceof String key) {
      pass(headers, "Idempotency-Key", key);
    }
    boolean writes = tool.operation().method().writes();
    byte[] body = writes ? Json.MAPPER.writeValueAsBytes(left) : new byte[0];
    return told(
        loopback.ask(tool.operation().method().name(), "/api/v1" + path + query, headers, body));
  }

  private static void pass(Map<String, String> headers, String name, @Nullable String value) {
    // A header that could begin another one is not sent.
    if (value != null && value.chars().allMatch(c -> c >= ' ' && c < 127)) {
      headers.put(name, value);
    }
  }

  private static String escaped(Object value) {
    return URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Map<String, Object> told(Loopback.Answer answer) {
    boolean failed = answer.status() >= 400;
    if (answer.contentType().startsWith("application/json")) {
      Map<String, Object> result = said(answer.text(), failed);
      if (!failed && Json.MAPPER.readTree(answer.body()) instanceof ObjectNode object) {
        result.put("structuredContent", object);
      }
      return result;
    }
    if (answer.body().length == 0) {
      return said("done", failed);
    }
    String text = text(answer.body());
    return text != null
        ? said(text, failed)
        : said("base64:" + Base64.getEncoder().encodeToString(answer.body()), failed);
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException binary) {
      return null;
    }
  }

  private static Map<String, Object> said(String text, boolean failed) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("content", List.of(Map.of("type", "text", "text", text)));
    result.put("isError", failed);
    return result;
  }
}

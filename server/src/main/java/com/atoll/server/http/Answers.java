package com.atoll.server.http;

import com.atoll.server.http.dialects.Dialect;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Wraps what a handler returned. */
final class Answers {
  /** So many bytes are better not written down whole. */
  static final int LONG = 256 << 10;

  private Answers() {}

  static JsonNode body(Object view, Envelope envelope, Dialect dialect, @Nullable Paging paging) {
    JsonNode answer =
        view instanceof Page<?> page
            ? list(page, paging)
            : wrap(Json.MAPPER.valueToTree(view), envelope);
    dialect.adapt(answer);
    return answer;
  }

  static byte[] bytes(JsonNode answer) {
    return Json.MAPPER.writeValueAsBytes(answer);
  }

  /** Writes an answer while it is sent; its end is the caller's. */
  static void write(JsonNode answer, OutputStream out) throws IOException {
    try {
      Json.MAPPER.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET).writeValue(out, answer);
    } catch (JacksonIOException broken) {
      throw broken.getCause();
    }
  }

  /** Whether an answer holds so much text that it is better not written down whole. */
  static boolean isLong(JsonNode answer) {
    return rest(answer, LONG) < 0;
  }

  private static int rest(JsonNode node, int left) {
    if (node.isString()) {
      return left - node.asString().length();
    }
    int rest = left - 8;
    for (JsonNode each : node) {
      rest = rest(each, rest);
      if (rest < 0) {
        break;
      }
    }
    return rest;
  }

  /** Marks every resource of an answer as one of test mode: {@code "livemode": false}. */
  static void label(JsonNode answer) {
    labelOne(answer);
    JsonNode data = answer.path("data");
    labelOne(data);
    if (data.isArray()) {
      data.forEach(Answers::labelOne);
    }
  }

  private static void labelOne(JsonNode node) {
    if (node instanceof ObjectNode resource && resource.path("id").isString()) {
      resource.put("livemode", false);
    }
  }

  private static JsonNode wrap(JsonNode view, Envelope envelope) {
    return switch (envelope) {
      case FLAT, NO_CONTENT, EVENTS, RAW, WEB_SOCKET, LIST -> view;
      case DATA -> Json.MAPPER.createObjectNode().set("data", view);
      case FLAT_MIRROR -> {
        ObjectNode flat = ((ObjectNode) view).deepCopy();
        flat.set("data", view);
        yield flat;
      }
    };
  }

  private static JsonNode list(Page<?> page, @Nullable Paging paging) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode data = answer.putArray("data");
    page.items().forEach(item -> data.add(Json.MAPPER.valueToTree((Object) item)));
    int limit = paging == null ? Math.max(1, page.items().size()) : paging.limit();
    ObjectNode meta = answer.putObject("meta");
    meta.put("total", page.total())
        .put("page", paging == null ? 1 : paging.page())
        .put("per_page", limit)
        .put("page_size", limit);
    String next = page.next();
    meta.put("next_cursor", next == null ? null : Paging.encode(next));
    meta.put("has_more", next != null);
    return answer;
  }
}

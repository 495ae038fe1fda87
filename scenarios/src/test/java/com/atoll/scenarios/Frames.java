package com.atoll.scenarios;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads server-sent events, and comes back where it left. */
final class Frames {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Frames() {}

  /** One event. */
  record Frame(String id, String type, JsonNode data) {
    String line() {
      return data.path("line").asString("");
    }
  }

  /** The events of a stream, to the one that is the last, or to this many. */
  static List<Frame> read(
      Api api,
      String method,
      String path,
      Map<String, ?> body,
      String lastId,
      int most,
      Predicate<Frame> last) {
    Map<String, String> headers = new HashMap<>(Map.of("Accept", "text/event-stream"));
    if (!lastId.isEmpty()) {
      headers.put("Last-Event-ID", lastId);
    }
    HttpResponse<java.io.InputStream> answer =
        method.equals("GET")
            ? api.open(method, path, headers)
            : api.open(
                method, path, headers, BodyPublishers.ofString(JSON.writeValueAsString(body)));
    List<Frame> frames = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      if (answer.statusCode() != 200) {
        throw new AssertionError(answer.statusCode() + " " + in.readLine());
      }
      String id = "";
      String type = "";
      String line = in.readLine();
      while (line != null) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          Frame frame = new Frame(id, type, JSON.readTree(line.substring(6)));
          frames.add(frame);
          if (frames.size() == most || last.test(frame)) {
            return frames;
          }
        }
        line = in.readLine();
      }
      return frames;
    } catch (IOException broken) {
      throw new java.io.UncheckedIOException(broken);
    }
  }
}

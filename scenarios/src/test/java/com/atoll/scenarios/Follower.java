package com.atoll.scenarios;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** A client of a stream of events that stays, while other things are done. */
final class Follower implements AutoCloseable {
  private final BufferedReader lines;

  /**
   * One event.
   *
   * @param id empty when it has none
   */
  record Told(String id, String type, JsonNode data) {
    String text(String field) {
      return data.path(field).asString("");
    }
  }

  private Follower(BufferedReader lines) {
    this.lines = lines;
  }

  static Follower of(Api api, String path) {
    return of(api, path, "");
  }

  /** Opens a stream; the server follows what is asked for when this returns. */
  static Follower of(Api api, String path, String lastId) {
    Map<String, String> headers = new HashMap<>(Map.of("Accept", "text/event-stream"));
    if (!lastId.isEmpty()) {
      headers.put("Last-Event-ID", lastId);
    }
    HttpResponse<InputStream> answer = api.open("GET", path, headers);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode());
    }
    return new Follower(
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8)));
  }

  /** The next event. */
  Told next() {
    String id = "";
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("data: ")) {
          JsonNode data = Reply.JSON.readTree(line.substring(6));
          return new Told(id, data.path("type").asString(), data);
        }
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    throw new AssertionError("the stream ended");
  }

  /** All events to the one that is the last. */
  List<Told> until(Predicate<Told> last) {
    List<Told> all = new ArrayList<>();
    do {
      all.add(next());
    } while (!last.test(all.getLast()));
    return all;
  }

  /** All events to the first of this type. */
  List<Told> until(String type) {
    return until(told -> told.type().equals(type));
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}

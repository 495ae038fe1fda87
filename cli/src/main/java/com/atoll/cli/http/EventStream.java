package com.atoll.cli.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads server-sent events, one JSON object each. */
public final class EventStream implements AutoCloseable {
  /** The code of a stream that broke off. */
  public static final String BROKEN = "STREAM_BROKEN";

  private final BufferedReader reader;

  EventStream(InputStream body) {
    reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /**
   * One event.
   *
   * @param type its name, from the {@code event} line or else the data
   * @param data its data
   * @param id what a stream that broke is resumed with behind it; empty when it has none
   */
  public record Event(String type, JsonNode data, String id) {}

  /** The next event, or null at the end. */
  public @Nullable Event next() {
    Event event = nextPlace();
    while (event != null && event.type().isEmpty() && event.data().isEmpty()) {
      event = nextPlace();
    }
    return event;
  }

  /** The next event or id that came alone, without data; null at the end. */
  public @Nullable Event nextPlace() {
    String type = "";
    String id = "";
    StringBuilder data = new StringBuilder();
    try {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.isEmpty()) {
          JsonNode parsed = data.isEmpty() ? null : Json.parse(data.toString());
          if (parsed != null && parsed.isObject()) {
            return new Event(type.isEmpty() ? Json.text(parsed, "type") : type, parsed, id);
          }
          if (data.isEmpty() && !id.isEmpty()) {
            return new Event("", Json.object(), id);
          }
          type = "";
          id = "";
          data.setLength(0);
        } else if (line.startsWith("event:")) {
          type = line.substring(6).strip();
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          data.append(data.isEmpty() ? "" : "\n").append(line.substring(5).strip());
        }
      }
      return null;
    } catch (IOException broken) {
      throw new ApiException(
          BROKEN, "the stream broke: " + broken.getMessage(), "repeat the command");
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException alreadyGone) {
      return;
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The feed of an organization. */
@Tag("fast")
@Tag("all")
@Timeout(120)
final class EventsScenarioTest {
  private final Given given = new Given();

  /** One frame of the stream. */
  record Frame(String id, String event, String data) {}

  private static List<Frame> read(BufferedReader lines, java.util.function.Predicate<Frame> last)
      throws java.io.IOException {
    List<Frame> frames = new ArrayList<>();
    String id = "";
    String event = "";
    String data = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("id:")) {
        id = line.substring(3).strip();
      } else if (line.startsWith("event:")) {
        event = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data = line.substring(5).strip();
      } else if (line.isEmpty() && !data.isEmpty()) {
        Frame frame = new Frame(id, event, data);
        frames.add(frame);
        if (last.test(frame)) {
          return frames;
        }
        data = "";
      }
    }
    return frames;
  }

  private BufferedReader open(Api api, String query, Map<String, String> headers) {
    HttpResponse<InputStream> answer = api.open("GET", "/events/stream" + query, headers);
    assertEquals(200, answer.statusCode());
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  @Test
  void aReaderWhoComesBackMissesNothingAndHearsNothingTwice() throws Exception {
    try (BufferedReader feed = open(given.api, "", Map.of())) {
      Sandbox first = given.aSandbox().running();
      List<Frame> before = read(feed, frame -> frame.data().contains(first.id()));
      Frame seen = before.getLast();
      Sandbox second = given.aSandbox().running();
      first.close();
      second.close();
      try (BufferedReader resumed = open(given.api, "", Map.of("Last-Event-ID", seen.id()))) {
        List<Frame> after =
            read(
                resumed,
                frame -> frame.event().endsWith("destroyed") && frame.data().contains(second.id()));
        List<String> ids = after.stream().map(Frame::id).toList();
        assertFalse(ids.contains(seen.id()));
        assertEquals(ids.size(), ids.stream().distinct().count());
        assertEquals(ids.stream().sorted().toList(), ids);
        assertTrue(after.stream().anyMatch(frame -> frame.data().contains(first.id())));
        for (Frame frame : after) {
          assertEquals(
              frame.event(),
              Reply.JSON.readTree(frame.data()).path("type").asString(),
              frame.data());
        }
      }
    }
  }

  @Test
  void aListOfEventsSaysWhetherThereAreMore() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      for (int i = 0; i < 4; i++) {
        Map<String, Object> tags = Map.of("tags", List.of("t" + i));
        given.api.json("PATCH", sandbox.at(""), tags, Map.of()).expect(200);
      }
      // That it has started may still have to be told.
      Given.eventually(10, "pages and whole are the same", () -> paged(sandbox, whole(sandbox)));
    }
  }

  private List<String> whole(Sandbox sandbox) {
    List<String> whole = new ArrayList<>();
    assertFalse(eventIds(sandbox, "limit=1000", whole).path("has_more").asBoolean());
    assertTrue(whole.size() > 4, whole::toString);
    return whole;
  }

  private boolean paged(Sandbox sandbox, List<String> whole) {
    List<String> paged = new ArrayList<>();
    JsonNode meta = eventIds(sandbox, "limit=2", paged);
    while (meta.path("has_more").asBoolean() && paged.size() < whole.size()) {
      meta = eventIds(sandbox, "limit=2&cursor=" + meta.path("next_cursor").asString(), paged);
    }
    return whole.equals(paged);
  }

  private JsonNode eventIds(Sandbox sandbox, String query, List<String> into) {
    JsonNode list =
        given
            .api
            .json(
                "GET",
                sandbox.at("/events?" + query),
                Map.of(),
                Map.of("Accept", "application/json"))
            .expect(200)
            .json();
    list.path("data").forEach(event -> into.add(event.path("event_id").asString()));
    return list.path("meta");
  }

  @Test
  void whoHasTheAnswerFindsTheEventInTheList() {
    String after = "";
    for (int i = 0; i < 10; i++) {
      Reply made = given.api.post("/projects", Map.of("name", Given.unique("listed"))).expect(201);
      String id = made.json().path("data").path("id").asString();
      Reply list =
          given
              .api
              .json(
                  "GET",
                  "/events/stream?types=project.created&limit=1000" + after,
                  Map.of(),
                  Map.of("Accept", "application/json"))
              .expect(200);
      JsonNode last = list.json().path("data").get(list.json().path("data").size() - 1);
      assertTrue(list.text().contains(id), () -> "not among them: " + id);
      after = "&after_id=" + last.path("event_id").asString();
      given.api.delete("/projects/" + id).expect(204);
    }
  }

  @Test
  void aTicketOpensOneStreamOnce() {
    String ticket = given.api.post("/sse/ticket", Map.of()).expect(200).string("ticket");
    Api keyless = given.api.withKey("");
    HttpResponse<InputStream> once =
        keyless.open("GET", "/events/stream?ticket=" + ticket, Map.of());
    assertEquals(200, once.statusCode());
    HttpResponse<InputStream> twice =
        keyless.open("GET", "/events/stream?ticket=" + ticket, Map.of());
    assertEquals(401, twice.statusCode());
    assertTrue(quietlyClosed(once) && quietlyClosed(twice));
  }

  @Test
  void anotherOrganizationHearsNothing() throws Exception {
    try (BufferedReader theirs = open(given.stranger, "", Map.of())) {
      Sandbox ours = given.aSandbox().running();
      ours.close();
      Reply mark = given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201);
      String id = mark.string("id");
      List<Frame> heard = read(theirs, frame -> frame.data().contains(id));
      assertTrue(heard.stream().noneMatch(frame -> frame.data().contains(ours.id())));
      given.stranger.delete("/sandboxes/" + id);
    }
  }

  private static boolean quietlyClosed(HttpResponse<InputStream> answer) {
    try {
      answer.body().close();
      return true;
    } catch (java.io.IOException closed) {
      return true;
    }
  }
}

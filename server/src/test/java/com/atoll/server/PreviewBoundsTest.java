package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How many previews there may be, of what, and how they are listed. */
final class PreviewBoundsTest {
  private PlatformWithNode running;
  private ApiClient api;
  private String id;
  private String previews;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
    id = api.post("/sandboxes", "{}").json().path("id").asString();
    previews = "/sandboxes/" + id + "/previews";
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private void made(String body) {
    Answer made = api.post(previews, body);
    assertEquals(201, made.status(), made.text());
  }

  @Test
  void theyAreListedByPages() {
    for (int port = 7001; port <= 7003; port++) {
      made("{\"port\":" + port + "}");
    }
    JsonNode first = api.get(previews + "?limit=2").json();
    assertEquals(2, first.path("data").size(), first::toString);
    assertTrue(first.toString().contains("\"has_more\":true"), first::toString);
    JsonNode second =
        api.get(previews + "?limit=2&cursor=" + first.path("meta").path("next_cursor").asString())
            .json();
    assertEquals(1, second.path("data").size(), second::toString);
    assertEquals(7001, second.path("data").path(0).path("port").asInt());
    assertEquals(3, api.get(previews).json().path("data").size());
  }

  @Test
  void aSandboxHasOnlySoMany() {
    made("{\"port\":7001,\"name\":\"last\"}");
    running
        .store()
        .executeSystem(tx ->
            tx.sql()
                .execute(
                    """
                    insert into previews (id, org, sandbox_id, port, visibility, metadata)
                    select p.id || n, p.org, p.sandbox_id, p.port, p.visibility, p.metadata
                    from previews p, generate_series(1, 999) n where p.sandbox_id = ?\
                    """,
                    id));
    assertEquals("QUOTA_EXCEEDED", api.post(previews, "{\"port\":7001}").code());
    assertEquals(1000, api.get(previews).json().path("data").size());
  }

  private int inserted(int port, String visibility, int from, int to) {
    return running
        .store()
        .system(tx ->
            tx.sql()
                .execute(
                    """
                    insert into previews (id, org, sandbox_id, port, visibility, expires_at)
                    select 'ended' || ? || visibility || n, org, sandbox_id, ?, visibility,
                      now() - n * interval '1 second'
                    from (select p.org, p.sandbox_id, cast(? as text) as visibility
                      from previews p where p.sandbox_id = ? limit 1) p,
                      generate_series(?, ?) n\
                    """,
                    port,
                    port,
                    visibility,
                    id,
                    from,
                    to));
  }

  @Test
  void thoseThatHaveEndedMakeRoomAndTheLastOfEachKindIsRemembered() {
    made("{\"port\":7001}");
    assertEquals(1500, inserted(7002, "public", 1, 1500));
    assertEquals(50, inserted(7002, "private", 2001, 2050));
    assertEquals(50, inserted(7003, "public", 3001, 3050));
    made("{\"port\":7001}");
    List<String> oldest =
        running
            .store()
            .system(tx ->
                tx.sql()
                    .fetch("select id from previews where sandbox_id = ? order by expires_at", id)
                    .map(row -> row.get(0, String.class)));
    assertEquals(1004, oldest.size());
    assertEquals(
        List.of("ended7003public3001", "ended7002private2001", "ended7002public1000"),
        oldest.subList(0, 3));
    assertEquals(1004, api.get(previews + "?limit=1").json().path("meta").path("total").asInt());
  }

  @Test
  void whatIsTooLongOrWhereTheApiAnswersIsRefused() {
    String metadata = "{\"port\":7001,\"metadata\":{\"a\":\"" + "x".repeat(70_000) + "\"}}";
    refused("metadata", api.post(previews, metadata));
    for (int port : new int[] {49_983, 49_999}) {
      refused("port", api.post(previews, "{\"port\":" + port + "}"));
      refused("port", api.post("/sandboxes/" + id + "/expose", "{\"port\":" + port + "}"));
    }
  }

  private static void refused(String field, Answer answer) {
    assertEquals(422, answer.status(), answer.text());
    assertTrue(answer.text().contains("\"" + field + "\""), answer.text());
  }
}

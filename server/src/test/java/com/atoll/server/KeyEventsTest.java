package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.ApiClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The history of a key is read page by page, in each of the ways in which pages are asked for. */
final class KeyEventsTest {
  private static RunningPlatform running;

  @BeforeAll
  static void begin() throws Exception {
    running = new RunningPlatform();
  }

  @AfterAll
  static void end() throws Exception {
    running.close();
  }

  private static List<Long> versions(JsonNode page) {
    return page.path("data").valueStream().map(event -> event.path("version").asLong()).toList();
  }

  @Test
  void eachPageGoesOnWhereTheOneBeforeEnded() {
    ApiClient api = running.owner();
    JsonNode made = api.post("/api-keys", "{\"name\":\"k\"}").json();
    String key = "/api-keys/" + made.path("data").path("id").asString();
    for (int change = 1; change <= 4; change++) {
      assertEquals(200, api.call("PATCH", key, "{\"name\":\"k" + change + "\"}").status());
    }
    String events = key + "/events";
    List<Long> all = versions(api.get(events).json());
    assertEquals(5, all.size());
    assertEquals(all.subList(2, 4), versions(api.get(events + "?limit=2&page=2").json()));
    assertEquals(all.subList(2, 4), versions(api.get(events + "?limit=2&offset=2").json()));
    assertEquals(all.subList(4, 5), versions(api.get(events + "?per_page=2&page=3").json()));
    assertEquals(List.of(), versions(api.get(events + "?limit=2&page=4").json()));
    List<Long> read = new ArrayList<>();
    String next = "";
    for (int page = 1; page <= 3; page++) {
      JsonNode some = api.get(events + "?limit=2" + next).json();
      assertEquals(5, some.path("meta").path("total").asInt(), some::toString);
      assertEquals(page < 3, some.path("meta").path("has_more").asBoolean(), some::toString);
      read.addAll(versions(some));
      next = "&cursor=" + some.path("meta").path("next_cursor").asString("");
    }
    assertEquals(all, read);
    assertTrue(versions(api.get(events + "?type=key.created").json()).equals(all.subList(4, 5)));
    assertEquals("INVALID_PARAM", api.get(events + "?cursor=abc").code());
  }
}

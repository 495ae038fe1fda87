package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Times that a client of E2B cannot ask for, or does not, are what policies allow. */
final class E2bPolicyTest {
  private static final String CREATE = "/e2b/v2/sandboxes";

  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private void allow(String lifecycle) {
    Answer set = api.call("PUT", "/tenant/policy", "{\"lifecycle\":" + lifecycle + "}");
    assertEquals(200, set.status(), set.text());
  }

  private String created(String more) {
    Answer made = api.post(CREATE, "{\"templateID\":\"base\"" + more + "}");
    assertEquals(201, made.status(), made.text());
    return made.json().path("sandboxID").asString();
  }

  private String forked(String id, String body) {
    Answer made = api.post("/e2b/sandboxes/" + id + "/fork", body);
    assertEquals(201, made.status(), made.text());
    JsonNode last = made.json().path(made.json().size() - 1);
    return last.path("sandbox").path("sandboxID").asString(last.toString());
  }

  private void lasts(int seconds, int idle, String id) {
    JsonNode shown = api.get("/sandboxes/sbx_" + id).json();
    assertEquals(seconds, shown.path("timeout_sec").asInt(), shown::toString);
    assertEquals(idle, shown.path("idle_timeout_sec").asInt(), shown::toString);
  }

  @Test
  void oneMayBeIdleForAsLongAsAPolicyAllows() {
    lasts(120, 0, created(",\"timeout\":120"));
    allow("{\"max_idle_timeout_sec\":600}");
    String source = created(",\"timeout\":120");
    lasts(120, 600, source);
    lasts(60, 600, forked(source, "{\"timeout\":60}"));
    lasts(60, 600, forked(source, "{\"timeout\":60,\"count\":2}"));
  }

  @Test
  void oneWithoutATimeOfItsOwnHasTheUsualOneOrWhatAPolicyAllows() {
    String source = created("");
    lasts(300, 0, source);
    allow("{\"max_timeout_sec\":200}");
    lasts(200, 0, created(""));
    lasts(200, 0, forked(source, "{}"));
    Answer refused = api.post(CREATE, "{\"templateID\":\"base\",\"timeout\":201}");
    assertEquals(403, refused.status(), refused.text());
  }

  private Answer asked(int status, String id, String action, String body) {
    Answer answer = api.post("/e2b/sandboxes/" + id + "/" + action, body);
    assertEquals(status, answer.status(), action + " " + answer.text());
    return answer;
  }

  private long left(String id) {
    return api.get("/sandboxes/sbx_" + id).json().path("timeout_remaining_ms").asLong(-1);
  }

  @Test
  void oneThatIsConnectedToHasTheUsualTimeOrWhatAPolicyAllows() {
    String id = created(",\"timeout\":100");
    var _ = asked(200, id, "connect", "{}");
    assertTrue(left(id) > 250_000, "the usual time");
    allow("{\"max_timeout_sec\":200}");
    id = created(",\"timeout\":100");
    var _ = asked(200, id, "connect", "{}");
    assertTrue(left(id) > 150_000 && left(id) <= 200_000, "bounded");
    var _ = asked(204, id, "refreshes", "{}");
    var _ = asked(204, id, "timeout", "{}");
    lasts(200, 0, id);
    var _ = asked(204, id, "timeout", "{\"timeout\":100}");
    lasts(100, 0, id);
    for (String action : new String[] {"connect", "resume"}) {
      var _ = asked(204, id, "pause", "{}");
      var _ = asked(201, id, action, "{}");
      lasts(200, 0, id);
    }
    for (String action : new String[] {"connect", "timeout"}) {
      var _ = asked(403, id, action, "{\"timeout\":201}");
    }
    var _ = asked(403, id, "refreshes", "{\"duration\":201}");
  }
}

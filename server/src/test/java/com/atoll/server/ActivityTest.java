package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.Ids;
import com.atoll.model.OrganizationId;
import com.atoll.server.store.Event;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.RawConnection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Notifications, alerts, activity and operations, as views of one log. */
final class ActivityTest {
  private static RunningPlatform running;
  private ApiClient api;
  private OrganizationId org;

  @BeforeAll
  static void begin() throws Exception {
    running = new RunningPlatform();
  }

  @AfterAll
  static void end() throws Exception {
    running.close();
  }

  @BeforeEach
  void own() {
    api = running.owner();
    org =
        new OrganizationId(
            api.get("/platform/tenants/current").json().path("data").path("id").asString());
  }

  private void tell(String type, String kind, String id, Map<String, ?> data) {
    running.platform().store().execute(org, tx -> tx.event(Event.of(type, kind, id, 1, data)));
  }

  private List<JsonNode> data(String path) {
    Answer answer = api.get(path);
    assertEquals(200, answer.status(), answer.text());
    return answer.json().path("data").valueStream().toList();
  }

  private int unread() {
    return api.get("/notifications/unread-count").json().path("count").asInt();
  }

  @Test
  void notificationsAreReadOneByOneAndAllTogether() {
    tell("sandbox.created", "sandbox", "sbx_1", Map.of());
    tell("sandbox.error", "sandbox", "sbx_1", Map.of("error", "it broke"));
    tell("volume.error", "volume", "vol_1", Map.of());
    tell("billing.credits_low", "organization", org.value(), Map.of());
    List<JsonNode> all = data("/notifications");
    assertEquals(
        List.of("billing.credits_low", "volume.error", "sandbox.error"),
        all.stream().map(n -> n.path("type").asString()).toList());
    assertEquals("it broke", all.get(2).path("body").asString());
    assertEquals("critical", all.get(2).path("severity").asString());
    assertEquals(3, unread());
    String id = all.get(1).path("id").asString();
    assertEquals(200, api.post("/notifications/" + id + "/read", "").status());
    assertEquals(200, api.post("/notifications/" + id + "/read", "").status());
    assertEquals(2, unread());
    assertTrue(data("/notifications").get(1).path("read").asBoolean());
    assertFalse(data("/notifications").get(0).path("read").asBoolean());
    Answer page = api.get("/notifications?limit=2");
    String cursor = page.json().path("next_cursor").asString();
    assertEquals(1, data("/notifications?limit=2&cursor=" + cursor).size());
    List<JsonNode> second = data("/notifications?page_size=1&page=2");
    assertEquals(List.of(all.get(1).path("id")), second.stream().map(n -> n.path("id")).toList());
    assertTrue(second.getFirst().path("read").asBoolean());
    assertFalse(data("/notifications?page_size=1&page=3").getFirst().path("read").asBoolean());
    assertEquals(List.of(), data("/notifications?offset=3"));
    assertEquals(2, api.post("/notifications/read-all", "").json().path("marked").asInt());
    assertEquals(0, unread());
    assertEquals(0, data("/notifications?unread=true").size());
    tell("sandbox.error", "sandbox", "sbx_2", Map.of());
    assertEquals(1, unread());
    assertEquals(404, running.owner().post("/notifications/" + id + "/read", "").status());
    assertEquals(404, api.post("/notifications/evt_none/read", "").status());
  }

  @Test
  void aKeyMayHaveMoreNotifications() {
    Answer made =
        api.post(
            "/event-subscriptions",
            "{\"consumer_kind\":\"notification\",\"consumer_id\":\"me\",\"event_type\":\"deployment.*\","
                + "\"filter\":{\"name\":\"shop\"}}");
    assertEquals(201, made.status(), made.text());
    tell("deployment.succeeded", "deployment", "dep_1", Map.of("name", "shop"));
    tell("deployment.succeeded", "deployment", "dep_2", Map.of("name", "other"));
    List<JsonNode> all = data("/notifications");
    assertEquals(
        List.of("dep_1"), all.stream().map(n -> n.path("resource_id").asString()).toList());
    assertEquals(1, unread());
  }

  @Test
  void alertsAreOpenUntilTheyAreResolved() {
    tell("deployment.failed", "deployment", "dep_1", Map.of("reason", "no port"));
    tell("deployment.succeeded", "deployment", "dep_1", Map.of());
    JsonNode alert = data("/alerts?resolved=false").getFirst();
    assertEquals("no port", alert.path("message").asString());
    assertEquals("open", alert.path("status").asString());
    String at = "/alerts/" + alert.path("id").asString() + "/resolve";
    JsonNode resolved = api.post(at, "{\"note\":\"set the port\"}").json().path("data");
    assertEquals("resolved", resolved.path("status").asString());
    assertEquals("set the port", api.post(at, "").json().path("data").path("note").asString());
    assertEquals(0, data("/alerts?resolved=false").size());
    assertEquals(1, data("/alerts?resolved=true").size());
    assertEquals(1, data("/alerts").size());
    assertEquals(404, running.owner().post(at, "").status());
  }

  @Test
  void alertsEndWhenTheirCauseIsGone() {
    tell("health_check.unhealthy", "health_check", "hc_1", Map.of("error", "timed out"));
    tell("health_check.unhealthy", "health_check", "hc_2", Map.of("error", "timed out"));
    tell("webhook.disabled", "webhook", "wh_1", Map.of("reason", "410"));
    tell("budget.cap_reached", "budget", "bud_1", Map.of("period", "month"));
    tell("billing.cap_reached", "budget", "bud_1", Map.of());
    tell("approval.requested", "approval", "apr_1", Map.of());
    tell("quota.updated", "quota", "quo_1", Map.of());
    assertEquals(4, data("/alerts?resolved=false").size(), "a question is no alert");
    assertEquals(5, unread());
    tell("health_check.healthy", "health_check", "hc_1", Map.of());
    tell("webhook.updated", "webhook", "wh_1", Map.of("active", false));
    JsonNode ended = data("/alerts?resolved=true").getFirst();
    assertEquals("hc_1", ended.path("resource_id").asString());
    assertEquals("health_check.healthy", ended.path("note").asString());
    tell("webhook.updated", "webhook", "wh_1", Map.of("active", true));
    tell("budget.recovered", "budget", "bud_1", Map.of());
    List<JsonNode> open = data("/alerts?resolved=false");
    assertEquals(
        List.of("hc_2"), open.stream().map(n -> n.path("resource_id").asString()).toList());
    assertEquals(2, data("/alerts?severity=critical&resource_type=health_check").size());
    assertEquals(400, api.get("/alerts?severity=mild").status());
  }

  @Test
  void activityIsTheLogNewestFirst() {
    tell("sandbox.created", "sandbox", "sbx_1", Map.of());
    tell("webhook.delivered", "webhook_delivery", "whd_1", Map.of());
    tell("sandbox.destroyed", "sandbox", "sbx_1", Map.of());
    tell("volume.created", "volume", "vol_1", Map.of());
    List<JsonNode> all = data("/activity?limit=3");
    assertEquals(
        List.of("volume.created", "sandbox.destroyed", "sandbox.created"),
        all.stream().map(n -> n.path("type").asString()).toList());
    assertEquals(2, data("/activity?resource_type=sandbox&resource_id=sbx_1").size());
    assertEquals(1, data("/activity?resource_type=webhook_delivery").size());
    assertEquals(List.of(all.get(2)), data("/activity?offset=2&limit=1"));
    assertEquals(400, api.get("/activity?cursor=x").status());
    assertEquals(0, running.owner().get("/activity?resource_id=sbx_1").json().path("data").size());
  }

  @Test
  void anOperationIsTheLatestWorkOnAResource() throws Exception {
    String id = Ids.next("snap");
    tell("sandbox.snapshot.creating", "snapshot", id, Map.of());
    JsonNode now = api.get("/operations/op_" + id).json().path("data");
    assertEquals("running", now.path("status").asString());
    assertTrue(now.path("completed_at").isNull());
    assertEquals(
        "OPERATION_NOT_CANCELLABLE", api.post("/operations/op_" + id + "/cancel", "").code());
    try (RawConnection stream = api.open("GET", "/operations/" + id + "/events", "")) {
      tell("sandbox.snapshot.failed", "snapshot", id, Map.of("error", "disk full"));
      String text = stream.read().text();
      assertTrue(
          text.indexOf("sandbox.snapshot.creating") < text.indexOf("sandbox.snapshot.failed"),
          text);
    }
    JsonNode ended = api.get("/operations/" + id).json().path("data");
    assertEquals("failed", ended.path("status").asString());
    assertEquals("disk full", ended.path("error").asString());
    assertEquals(2, ended.path("steps").size());
    assertEquals(404, running.owner().get("/operations/" + id).status());
    assertEquals(404, api.get("/operations/op_none").status());
  }

  @Test
  void theDatabaseAndTheServerAgreeOnWhatIsNotable() {
    List<String> types =
        com.atoll.server.events.EventTypes.families().values().stream()
            .flatMap(List::stream)
            .toList();
    types.forEach(type -> tell(type, "thing", "thing_1", Map.of()));
    List<String> here =
        types.stream().filter(com.atoll.server.activity.ActivityCapability::isNotable).toList();
    List<String> there =
        data("/notifications?limit=1000").stream().map(n -> n.path("type").asString()).toList();
    assertEquals(here, there.reversed());
    assertTrue(here.size() > 5);
  }
}

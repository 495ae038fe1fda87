package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Budgets and quotas hold new work back, and stop what runs with its files kept. */
@Tag("fast")
@Tag("all")
final class BudgetScenarioTest {
  private final Given given = new Given();

  private Reply quota(String user, Map<String, Object> limits) {
    return given.api.json("PUT", "/quotas/external/" + user, limits, Map.of());
  }

  private Reply create(String user) {
    return given.api.post("/sandboxes", Map.of("size", "xs", "external_user_id", user));
  }

  private String events(String budget) {
    String path = "/events/stream?limit=100&resource_id=" + budget;
    return given
        .api
        .send("GET", path, BodyPublishers.noBody(), Map.of("Accept", "application/json"))
        .expect(200)
        .text();
  }

  @Test
  void aBudgetThatIsUsedUpStopsNewWorkAndPausesWhatRuns() {
    String user = Given.unique("user");
    try (Sandbox sandbox = given.aSandbox().with("external_user_id", user).running();
        Sandbox other = given.aSandbox().running()) {
      sandbox.withFile("/workspace/kept", "kept");
      quota(user, Map.of("max_credit_cents", 0)).expect(200);
      create(user).expectError(402, "INSUFFICIENT_CREDITS");
      Given.eventually(
          20,
          "it is paused",
          () -> {
            given.api.get("/quotas/external/" + user).expect(200);
            return sandbox.state().equals("paused");
          });
      assertEquals("running", other.state());
      given
          .api
          .post(sandbox.at("/exec"), Map.of("command", "true"))
          .expectError(402, "INSUFFICIENT_CREDITS");
      given.api.post(sandbox.at("/resume"), Map.of()).expectError(402, "INSUFFICIENT_CREDITS");
      String budget =
          given
              .api
              .get("/budgets?scope_id=" + user)
              .json()
              .path("data")
              .get(0)
              .path("id")
              .asString();
      assertTrue(events(budget).contains("budget.cap_reached"));
      quota(user, Map.of("max_credit_cents", 10_000)).expect(200);
      assertEquals("kept", sandbox.file("/workspace/kept"));
      assertEquals("running", sandbox.state());
    } finally {
      given.api.delete("/quotas/external/" + user).expect(204);
    }
  }

  @Test
  void aThresholdIsToldOf() {
    String user = Given.unique("user");
    Map<String, Object> budget =
        Map.of(
            "scope",
            "external_user",
            "scope_id",
            user,
            "cap_cents",
            1,
            "thresholds",
            List.of(1),
            "at_cap",
            "refuse");
    Reply made = given.api.post("/budgets", budget).expect(201);
    String id = made.string("id");
    given.stranger.get("/budgets/" + id).expectError(404, "NOT_FOUND");
    given.stranger.delete("/budgets/" + id).expectError(404, "NOT_FOUND");
    try (Sandbox sandbox = new Sandbox(given.api, create(user).expect(201).string("id"), user)) {
      assertEquals("running", sandbox.state());
      Given.eventually(
          30,
          "a hundredth of a cent is spent",
          () -> given.api.get("/budgets/" + id).json().path("spent_cents").asDouble() >= 0.01);
      String told = events(id);
      assertTrue(told.contains("budget.threshold_reached"), told);
      assertTrue(told.contains("\"threshold\":1"), told);
      // The budget has no minute for each of nine more.
      List<Reply> more = IntStream.range(0, 9).mapToObj(i -> create(user)).toList();
      more.stream()
          .filter(reply -> reply.status() == 201)
          .forEach(reply -> given.api.delete("/sandboxes/" + reply.string("id")));
      more.getLast().expectError(402, "INSUFFICIENT_CREDITS");
      assertTrue(more.getFirst().status() == 201, more.getFirst()::toString);
    } finally {
      given.api.delete("/budgets/" + id).expect(204);
    }
    given.api.get("/budgets/" + id).expectError(404, "NOT_FOUND");
    given
        .api
        .post("/budgets", Map.of("scope", "planet", "scope_id", "x", "cap_cents", 1))
        .expectFieldError("scope");
  }

  @Test
  void volumesThatGrowAtOnceStayInsideTheQuota() {
    String user = Given.unique("user");
    List<Volume> volumes =
        Stream.generate(() -> Volume.of(given.api, Map.of("external_user_id", user)))
            .limit(5)
            .toList();
    quota(user, Map.of("max_storage_gb", 7)).expect(200);
    try {
      List<Reply> replies =
          volumes.stream()
              .map(volume ->
                  CompletableFuture.supplyAsync(
                      () -> given.api.json("PATCH", volume.at(""), Map.of("size_gb", 3), Map.of())))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      assertEquals(
          1, replies.stream().filter(reply -> reply.status() == 200).count(), replies::toString);
      assertEquals(
          7,
          volumes.stream()
              .mapToInt(volume -> given.api.get(volume.at("")).json().path("size_gb").asInt())
              .sum());
    } finally {
      given.api.delete("/quotas/external/" + user).expect(204);
      volumes.forEach(Volume::close);
    }
  }

  @Test
  void aDiskThatGrowsCountsForTheQuota() {
    String user = Given.unique("user");
    quota(user, Map.of("max_storage_gb", 11)).expect(200);
    String id = create(user).expect(201).string("id");
    String resources = "/sandboxes/" + id + "/resources";
    try {
      given
          .api
          .json("PATCH", resources, Map.of("disk_size_mb", 20 << 10), Map.of())
          .expectError(422, "QUOTA_EXCEEDED");
      given.api.json("PATCH", resources, Map.of("disk_size_mb", 11 << 10), Map.of()).expect(200);
      given
          .api
          .json("PATCH", resources, Map.of("disk_size_mb", (11 << 10) + 1), Map.of())
          .expectError(422, "QUOTA_EXCEEDED");
    } finally {
      given.api.delete("/sandboxes/" + id);
      given.api.delete("/quotas/external/" + user).expect(204);
    }
  }

  @Test
  void aQuotaHoldsAlsoWhenManyAskAtOnce() {
    String user = Given.unique("user");
    quota(user, Map.of("max_sandboxes", 2, "max_storage_gb", 100)).expect(200);
    try {
      List<CompletableFuture<Reply>> asked =
          IntStream.range(0, 5)
              .mapToObj(i -> CompletableFuture.supplyAsync(() -> create(user)))
              .toList();
      List<Reply> replies = asked.stream().map(CompletableFuture::join).toList();
      List<Reply> made = replies.stream().filter(reply -> reply.status() == 201).toList();
      try {
        assertEquals(2, made.size(), replies::toString);
        replies.stream()
            .filter(reply -> reply.status() != 201)
            .forEach(reply -> reply.expectError(422, "QUOTA_EXCEEDED"));
        Reply now = given.api.get("/quotas/external/" + user).expect(200);
        assertEquals(2, now.json().path("current_sandboxes").asInt());
        assertEquals(2, now.json().path("max_sandboxes").asInt());
        quota(user, Map.of("max_storage_gb", 1)).expect(200);
        create(user).expectError(422, "QUOTA_EXCEEDED");
        quota(user, Map.of("max_concurrent", 2)).expect(200);
        create(user).expectError(422, "QUOTA_EXCEEDED");
        String first = made.getFirst().string("id");
        given.api.post("/sandboxes/" + first + "/stop", Map.of()).expect(200);
        Reply third = create(user).expect(201);
        given
            .api
            .post("/sandboxes/" + first + "/resume", Map.of())
            .expectError(422, "QUOTA_EXCEEDED");
        given.api.delete("/sandboxes/" + third.string("id"));
      } finally {
        made.forEach(reply -> given.api.delete("/sandboxes/" + reply.string("id")));
      }
    } finally {
      given.api.delete("/quotas/external/" + user).expect(204);
    }
    Map<String, Object> wrong = new HashMap<>();
    wrong.put("max_sandboxes", -1);
    quota(user, wrong).expectFieldError("max_sandboxes");
  }

  @Test
  void whoPaysBeforehandStopsWhenCreditsAreUsedUp() {
    String org = given.stranger.get("/credits/balance").expect(200).string("tenant_id");
    String mode = "/admin/credits/" + org + "/mode";
    long balance = given.stranger.get("/credits/balance").json().path("balance_credits").asLong();
    if (balance > 0) {
      given
          .api
          .post("/admin/credits/deduct", Map.of("tenant_id", org, "amount", balance))
          .expect(200);
    }
    given.stranger.json("PUT", mode, Map.of("mode", "prepaid"), Map.of()).expect(403);
    given.api.json("PUT", mode, Map.of("mode", "prepaid"), Map.of()).expect(200);
    try {
      Given.eventually(
          10,
          "it is refused",
          () -> {
            Reply reply = given.stranger.post("/sandboxes", Map.of("size", "xs"));
            if (reply.status() == 201) {
              given.stranger.delete("/sandboxes/" + reply.string("id"));
            }
            return reply.status() == 402;
          });
      given.api.post("/admin/credits/grant", Map.of("tenant_id", org, "amount", 100)).expect(200);
      Reply made = given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201);
      given.stranger.delete("/sandboxes/" + made.string("id"));
    } finally {
      given.api.json("PUT", mode, Map.of("mode", "postpaid"), Map.of()).expect(200);
    }
  }
}

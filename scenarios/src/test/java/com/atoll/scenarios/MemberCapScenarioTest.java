package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What a person may spend and run, whatever login or key the person uses. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemberCapScenarioTest {
  private final Given given = new Given();
  private final Members members = new Members(given);
  private Members.Person member;
  private String caps;

  @BeforeAll
  void join() {
    member = members.join("member");
    caps = "/tenants/" + given.api.get("/platform/tenants/current").string("id") + "/member-caps";
  }

  @AfterAll
  void leave() {
    given.api.delete(one()).expect(204);
    given.api.delete("/tenant/members/" + member.id()).expect(200);
  }

  private String one() {
    return caps + "/" + member.id();
  }

  private Reply set(Map<String, Object> change) {
    return given.api.json("PUT", one(), change, Map.of());
  }

  private JsonNode shown() {
    for (JsonNode one : given.api.get(caps).expect(200).json().path("data").path("members")) {
      if (one.path("user_id").asString().equals(member.id())) {
        return one;
      }
    }
    throw new AssertionError("the member is not listed");
  }

  private static Map<String, Object> nothing(String field) {
    Map<String, Object> change = new HashMap<>();
    change.put(field, null);
    return change;
  }

  @Test
  void aMemberRunsAsManyAtOnceAsTheOrganizationAllows() {
    Reply set = set(Map.of("max_concurrent_sandboxes", 1)).expect(200);
    assertEquals(1, set.json().path("data").path("max_concurrent_sandboxes").asInt());
    assertEquals(set.text(), set(Map.of("max_concurrent_sandboxes", 1)).expect(200).text());
    Map<String, Object> small = Map.of("size", "xs");
    String first = member.api().post("/sandboxes", small).expect(201).string("id");
    try {
      assertEquals(1, shown().path("running").asInt());
      member.api().post("/sandboxes", small).expectError(429, "MEMBER_LIMIT_REACHED");
      // A key of the same person is the same person; another one is not held back.
      Reply made = member.api().post("/api-keys", Map.of("name", "mine")).expect(201);
      Api key = given.api.withKey(made.json().path("data").path("key").asString());
      key.post("/sandboxes", small).expectError(429, "MEMBER_LIMIT_REACHED");
      String other = given.api.post("/sandboxes", small).expect(201).string("id");
      given.api.delete("/sandboxes/" + other).expect(204);
      given.api.post("/sandboxes/" + first + "/stop", Map.of()).expect(200);
      String second = key.post("/sandboxes", small).expect(201).string("id");
      member
          .api()
          .post("/sandboxes/" + first + "/resume", Map.of())
          .expectError(429, "MEMBER_LIMIT_REACHED");
      given.api.delete("/sandboxes/" + second).expect(204);
      member.api().post("/sandboxes/" + first + "/resume", Map.of()).expect(200);
      set(nothing("max_concurrent_sandboxes")).expect(200);
      String third = member.api().post("/sandboxes", small).expect(201).string("id");
      given.api.delete("/sandboxes/" + third).expect(204);
    } finally {
      given.api.delete("/sandboxes/" + first).expect(204);
      set(nothing("max_concurrent_sandboxes")).expect(200);
    }
  }

  @Test
  void whatAMemberHasSpentStopsThatMember() {
    Members.Person spender = members.join("member");
    String path = caps + "/" + spender.id();
    String id = spender.api().post("/sandboxes", Map.of("size", "xs")).expect(201).string("id");
    try {
      given.api.json("PUT", path, Map.of("usage_cap_cents", 1), Map.of()).expect(200);
      String budget =
          given
              .api
              .get("/budgets?scope=member&scope_id=" + spender.id())
              .json()
              .path("data")
              .get(0)
              .path("id")
              .asString();
      Given.eventually(
          30,
          "something is spent",
          () -> given.api.get("/budgets/" + budget).json().path("spent_cents").asDouble() > 0);
      given.api.json("PATCH", "/budgets/" + budget, Map.of("cap_cents", 0), Map.of()).expect(200);
      spender
          .api()
          .post("/sandboxes", Map.of("size", "xs"))
          .expectError(402, "TEAM_MEMBER_CAP_REACHED");
      Given.eventually(
          20,
          "what runs is paused",
          () -> {
            given.api.get(caps).expect(200);
            return given.api.get("/sandboxes/" + id).string("state").equals("paused");
          });
      spender
          .api()
          .post("/sandboxes/" + id + "/resume", Map.of())
          .expectError(402, "TEAM_MEMBER_CAP_REACHED");
      String other = given.api.post("/sandboxes", Map.of("size", "xs")).expect(201).string("id");
      given.api.delete("/sandboxes/" + other).expect(204);
      given.api.delete(path).expect(204);
      given.api.delete(path).expect(204);
      spender.api().post("/sandboxes/" + id + "/resume", Map.of()).expect(200);
    } finally {
      given.api.delete("/sandboxes/" + id).expect(204);
      given.api.delete("/tenant/members/" + spender.id()).expect(200);
    }
  }

  @Test
  void eachCapIsSetAndClearedByItself() {
    set(Map.of("usage_cap_cents", 5_000)).expect(200);
    set(Map.of("max_concurrent_sandboxes", 7)).expect(200);
    assertEquals(5_000, shown().path("usage_cap_cents").asInt());
    assertEquals(7, shown().path("max_concurrent_sandboxes").asInt());
    Reply cleared = set(nothing("usage_cap_cents")).expect(200);
    assertTrue(cleared.json().path("data").path("usage_cap_cents").isNull(), cleared::toString);
    assertEquals(7, shown().path("max_concurrent_sandboxes").asInt());
    given.api.delete(one()).expect(204);
    assertTrue(shown().path("max_concurrent_sandboxes").isNull());
  }

  @Test
  void whatIsNoCapIsRefused() {
    set(Map.of("usage_cap_cents", 0)).expectFieldError("usage_cap_cents");
    set(Map.of("usage_cap_cents", -1)).expectFieldError("usage_cap_cents");
    set(Map.of("max_concurrent_sandboxes", 0)).expectFieldError("max_concurrent_sandboxes");
    set(Map.of("max_concurrent_sandboxes", "many")).expectFieldError("max_concurrent_sandboxes");
    given.api.json("PUT", caps + "/usr_none", Map.of(), Map.of()).expectError(404, "NOT_FOUND");
    given.api.delete(caps + "/usr_none").expectError(404, "NOT_FOUND");
  }

  @Test
  void onlyThoseWhoManageSetCapsAndOnlyOfTheirOwnOrganization() {
    member.api().json("PUT", one(), Map.of(), Map.of()).expectError(403, "FORBIDDEN");
    member.api().delete(one()).expectError(403, "FORBIDDEN");
    given.stranger.get(caps).expectError(404, "NOT_FOUND");
    given.stranger.json("PUT", one(), Map.of(), Map.of()).expectError(404, "NOT_FOUND");
    given.stranger.delete(one()).expectError(404, "NOT_FOUND");
    String theirs =
        "/tenants/"
            + given.stranger.get("/platform/tenants/current").string("id")
            + "/member-caps/"
            + member.id();
    given.stranger.json("PUT", theirs, Map.of(), Map.of()).expectError(404, "NOT_FOUND");
    assertFalse(
        given
            .stranger
            .get(theirs.substring(0, theirs.lastIndexOf('/')))
            .text()
            .contains(member.id()));
  }
}

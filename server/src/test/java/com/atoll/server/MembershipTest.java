package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How people become members, what changes with their role, and what ends when they leave. */
final class MembershipTest {
  private static RunningPlatform running;
  private static People people;

  private ApiClient key;
  private String organization;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningPlatform();
    people = new People(running);
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @BeforeEach
  void begin() {
    key = running.owner();
    organization = organization(key);
  }

  private static String organization(ApiClient by) {
    return by.get("/platform/tenants/current").json().path("id").asString();
  }

  private static JsonNode made(ApiClient by, String path, String body) {
    Answer answer = by.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("data") ? json.path("data") : json;
  }

  private static ApiClient with(JsonNode made) {
    return running.client().as(made.path("key").asString());
  }

  private static Answer added(ApiClient by, String organization, People.Person person) {
    return by.post(
        "/tenants/" + organization + "/members",
        "{\"user_id\":\"" + person.id() + "\",\"role\":\"member\"}");
  }

  private static Answer invites(ApiClient by) {
    return by.post("/tenant/members", "{\"email\":\"" + People.address() + "\"}");
  }

  private static void forbidden(Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("FORBIDDEN", answer.code());
  }

  @Test
  void theAdminOfAWorkspaceBringsNobodyIntoTheOrganization() {
    People.Person member = people.joined(key, "member");
    People.Person other = people.joined(key, "member");
    String path =
        "/workspaces/" + made(key, "/workspaces", "{\"name\":\"w\"}").path("id").asString();
    made(key, path + "/members", "{\"user_id\":\"" + member.id() + "\",\"role\":\"admin\"}");
    for (String role : new String[] {"member", "viewer"}) {
      String stranger = "{\"email\":\"" + People.address() + "\",\"role\":\"" + role + "\"}";
      forbidden(member.client().post(path + "/invites", stranger));
      assertEquals(201, key.post(path + "/invites", stranger).status());
    }
    Answer known = member.client().post(path + "/invites", "{\"email\":\"" + other.email() + "\"}");
    assertEquals("added", known.json().path("type").asString(), known.text());
  }

  @Test
  void whoSharesNoOrganizationWithTheCallerIsNotThere() {
    People.Person stranger = people.joined(running.owner(), "member");
    People.Person boss = people.joined(key, "admin");
    for (ApiClient by : new ApiClient[] {key, boss.client()}) {
      Answer refused = added(by, organization, stranger);
      assertEquals(404, refused.status(), refused.text());
      assertFalse(refused.text().contains(stranger.email()), refused::text);
    }
    assertEquals(409, added(key, organization, boss).status());
    String invited = "{\"email\":\"" + stranger.email() + "\"}";
    assertEquals(201, key.post("/tenant/members", invited).status());
  }

  @Test
  void whoSharesAnOrganizationWithTheCallerIsAdded() {
    ApiClient elsewhere = running.owner();
    People.Person boss = people.joined(key, "admin");
    people.join(elsewhere, boss, boss.client(), "viewer");
    People.Person colleague = people.joined(elsewhere, "member");
    assertEquals(404, added(key, organization, colleague).status());
    Answer added = added(boss.client(), organization, colleague);
    assertEquals(201, added.status(), added.text());
    assertEquals(colleague.email(), added.json().path("data").path("email").asString());
    assertEquals("member", added.json().path("data").path("role").asString());
  }

  @Test
  void aViewerLeavesAndRemovesNobodyElse() {
    People.Person other = people.joined(key, "viewer");
    for (String path :
        new String[] {"/tenant/members/", "/tenants/" + organization + "/members/"}) {
      People.Person viewer = people.joined(key, "viewer");
      forbidden(viewer.client().delete(path + other.id()));
      Answer left = viewer.client().delete(path + viewer.id());
      assertEquals(200, left.status(), left.text());
      assertEquals(401, viewer.client().get("/workspaces").status());
    }
    assertEquals(200, other.client().get("/workspaces").status());
  }

  @Test
  void aKeyTellsOfNoOtherOrganizationOfItsPerson() {
    People.Person boss = people.joined(key, "admin");
    String elsewhere = organization(running.owner());
    ApiClient second = running.owner();
    people.join(second, boss, boss.client(), "viewer");
    assertEquals(2, boss.client().get("/platform/tenants").json().path("data").size());
    ApiClient eve =
        with(
            made(
                boss.client(),
                "/api-keys/scoped",
                "{\"external_user_id\":\"eve\",\"scopes\":[\"sandboxes:read\"]}"));
    ApiClient narrow =
        with(made(boss.client(), "/api-keys", "{\"name\":\"n\",\"scopes\":[\"sandboxes:read\"]}"));
    for (ApiClient client : new ApiClient[] {eve, narrow}) {
      JsonNode all = client.get("/platform/tenants").json().path("data");
      assertEquals(1, all.size(), all::toString);
      assertEquals(organization, all.path(0).path("id").asString());
    }
    assertEquals("member", eve.get("/platform/tenants").json().at("/data/0/role").asString());
    assertEquals(422, narrow.with("X-MIOSA-Tenant", elsewhere).get("/sandboxes").status());
  }

  @Test
  void aNewRoleCountsInOpenSessions() {
    People.Person person = people.joined(key, "member");
    People.Person owner = people.joined(key, "owner");
    forbidden(invites(person.client()));
    String role = "/tenant/members/" + person.id() + "/role";
    assertEquals(200, key.call("PATCH", role, "{\"role\":\"admin\"}").status());
    assertEquals(201, invites(person.client()).status());
    ApiClient user = with(made(person.client(), "/api-keys", "{\"name\":\"k\"}"));
    forbidden(invites(user));
    String transfer = "/tenant/transfer-ownership";
    String to = "{\"new_owner_user_id\":\"%s\"}";
    assertEquals(200, owner.client().post(transfer, to.formatted(person.id())).status());
    forbidden(owner.client().post(transfer, to.formatted(owner.id())));
    assertEquals(200, person.client().post(transfer, to.formatted(owner.id())).status());
    assertEquals(200, key.call("PATCH", role, "{\"role\":\"member\"}").status());
    forbidden(invites(person.client()));
  }

  @Test
  void whatAPersonMadeStaysEndedWhenThePersonComesBack() {
    ApiClient elsewhere = running.owner();
    People.Person person = people.joined(elsewhere, "member");
    people.join(key, person, person.client(), "admin");
    ApiClient session = people.in(person, organization);
    JsonNode admin = made(session, "/api-keys", "{\"name\":\"a\",\"key_type\":\"admin\"}");
    JsonNode test =
        made(session, "/api-keys", "{\"name\":\"t\",\"key_type\":\"admin\",\"mode\":\"test\"}");
    JsonNode inTwin = made(with(test), "/api-keys", "{\"name\":\"u\"}");
    String workspace = key.get("/workspaces").json().at("/data/0/id").asString();
    ApiClient token =
        running
            .client()
            .as(
                with(admin)
                    .post(
                        "/tokens/scoped",
                        "{\"user_id\":\"ann\",\"workspace_id\":\"" + workspace + "\"}")
                    .json()
                    .path("token")
                    .asString());
    assertEquals(200, token.get("/sandboxes").status());
    String path = "/tenant/members/" + person.id();
    assertEquals(200, key.delete(path).status());
    assertFalse(key.get("/api-keys").text().contains(admin.path("id").asString()));
    people.join(key, person, person.client(), "admin");
    assertEquals(200, people.in(person, organization).get("/workspaces").status());
    for (JsonNode one : new JsonNode[] {admin, test, inTwin}) {
      assertEquals(401, with(one).get("/workspaces").status(), one::toString);
    }
    assertEquals(401, token.get("/sandboxes").status());
    assertEquals(401, session.get("/workspaces").status());
    assertEquals(200, person.client().get("/workspaces").status());
  }

  @Test
  void theInvitationsOfAPersonEndWithTheRightToInvite() {
    ApiClient elsewhere = running.owner();
    People.Person person = people.joined(elsewhere, "member");
    people.join(key, person, person.client(), "owner");
    ApiClient session = people.in(person, organization);
    String asOwner = people.invited(session, People.address(), "owner").path("token").asString();
    String asAdmin = people.invited(session, People.address(), "admin").path("token").asString();
    String late = people.invited(session, People.address(), "admin").path("token").asString();
    people.joined(key, "owner");
    String path = "/tenant/members/" + person.id();
    assertEquals(200, key.call("PATCH", path + "/role", "{\"role\":\"admin\"}").status());
    assertEquals("INVITE_NOT_VALID", people.registered(asOwner).code());
    assertEquals(201, people.registered(asAdmin).status());
    assertEquals(200, key.call("PATCH", path + "/role", "{\"role\":\"member\"}").status());
    assertEquals("INVITE_NOT_VALID", people.registered(late).code());
    assertEquals(200, key.delete(path).status());
    people.join(key, person, person.client(), "owner");
    assertEquals(410, people.registered(late).status());
    assertTrue(running.client().get("/invites/" + late).json().at("/data/revoked").asBoolean());
  }

  @Test
  void whatWasReadIsMarkedByViewersAndByKeysWhoseScopesAreListed() {
    People.Person viewer = people.joined(key, "viewer");
    ApiClient narrow =
        with(made(key, "/api-keys", "{\"name\":\"n\",\"scopes\":[\"sandboxes:read\"]}"));
    ApiClient eve =
        with(
            made(
                key,
                "/api-keys/scoped",
                "{\"external_user_id\":\"eve\",\"scopes\":[\"sandboxes:read\"]}"));
    for (ApiClient client : new ApiClient[] {viewer.client(), narrow, eve}) {
      Answer all = client.post("/notifications/read-all", "{}");
      assertEquals(200, all.status(), all.text());
      assertEquals(404, client.post("/notifications/ntf_nowhere/read", "{}").status());
    }
    forbidden(viewer.client().post("/workspaces", "{\"name\":\"x\"}"));
  }
}

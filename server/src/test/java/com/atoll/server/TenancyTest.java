package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** People, roles, sessions, test keys, policies and projects, over the real server. */
class TenancyTest {
  private static RunningPlatform running;
  private static People people;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningPlatform();
    people = new People(running);
  }

  @AfterAll
  static void stop() throws Exception {
    running.close();
  }

  @Test
  void aViewerReadsAndChangesNothing() {
    ApiClient owner = running.owner();
    People.Person viewer = people.joined(owner, "viewer");
    assertEquals(200, viewer.client().get("/workspaces").status());
    Answer refused = viewer.client().post("/workspaces", "{\"name\":\"x\"}");
    assertEquals(403, refused.status());
    assertEquals("FORBIDDEN", refused.code());
    assertEquals(403, viewer.client().post("/api-keys", "{\"name\":\"x\"}").status());
    assertEquals(200, viewer.client().post("/auth/sse-ticket", "{}").status());
    assertEquals("viewer", viewer.client().get("/auth/me").json().path("role").asString());
  }

  @Test
  void aMemberWorksButManagesNobody() {
    ApiClient owner = running.owner();
    People.Person member = people.joined(owner, "member");
    assertEquals(201, member.client().post("/workspaces", "{\"name\":\"mine\"}").status());
    String invite = "{\"email\":\"a@example.test\"}";
    assertEquals(403, member.client().post("/tenant/members", invite).status());
    assertEquals(
        403, member.client().post("/api-keys", "{\"name\":\"x\",\"key_type\":\"admin\"}").status());
    assertEquals(403, member.client().call("PUT", "/tenant/policy", "{}").status());
    assertEquals(403, member.client().post("/service-accounts", "{\"name\":\"x\"}").status());
  }

  @Test
  void theLastOwnerStaysUntilTheOwnershipIsGiven() {
    ApiClient key = running.owner();
    People.Person owner = people.joined(key, "owner");
    People.Person admin = people.joined(owner.client(), "admin");
    String me = "/tenant/members/" + owner.id();
    assertEquals("LAST_OWNER", owner.client().delete(me).code());
    assertEquals(
        "LAST_OWNER", owner.client().call("PATCH", me + "/role", "{\"role\":\"admin\"}").code());
    assertEquals(403, admin.client().delete(me).status());
    String transfer = "{\"new_owner_user_id\":\"" + admin.id() + "\"}";
    assertEquals(403, admin.client().post("/tenant/transfer-ownership", transfer).status());
    Answer given = owner.client().post("/tenant/transfer-ownership", transfer);
    assertEquals(200, given.status(), given.text());
    assertEquals(owner.id(), given.json().path("previous_owner_user_id").asString());
    assertEquals("owner", admin.client().get("/auth/me").json().path("role").asString());
    Answer left = owner.client().delete(me);
    assertEquals(200, left.status(), left.text());
    assertTrue(left.json().path("deleted").asBoolean());
    assertEquals(401, owner.client().get("/workspaces").status());
  }

  @Test
  void anInvitationWorksOnceForItsAddressAndNotAfterItWasTakenBack() {
    ApiClient key = running.owner();
    String token = people.invited(key, People.address(), "member").path("token").asString();
    Answer shown = running.client().get("/invites/" + token);
    assertFalse(shown.json().path("data").path("accepted").asBoolean());
    assertEquals(201, people.registered(token).status());
    assertEquals("INVITE_NOT_VALID", people.registered(token).code());
    JsonNode second = people.invited(key, People.address(), "member");
    People.Person other = people.joined(running.owner(), "member");
    String accept = "/invites/" + second.path("token").asString() + "/accept";
    assertEquals(403, other.client().post(accept, "{}").status());
    assertEquals(403, key.post(accept, "{}").status());
    String org = key.get("/platform/tenants/current").json().path("id").asString();
    String path = "/tenants/" + org + "/invites/" + second.path("id").asString();
    assertEquals(404, running.owner().delete(path).status());
    assertEquals(200, key.delete(path).status());
    assertEquals(410, people.registered(second.path("token").asString()).status());
    assertEquals(404, running.client().get("/invites/nonsense").status());
    assertEquals(404, running.owner().get("/tenants/" + org + "/invites").status());
  }

  @Test
  void aPersonOfTwoOrganizationsSwitches() {
    ApiClient first = running.owner();
    ApiClient second = running.owner();
    People.Person person = people.joined(first, "member");
    String token = people.invited(second, person.email(), "admin").path("token").asString();
    Answer accepted = person.client().post("/invites/" + token + "/accept", "{}");
    assertEquals(200, accepted.status(), accepted.text());
    assertEquals(2, person.client().get("/platform/tenants").json().path("data").size());
    String other = second.get("/platform/tenants/current").json().path("slug").asString();
    Answer switched = person.client().post("/platform/tenants/" + other + "/switch", "{}");
    String session = switched.json().path("data").path("token").asString();
    JsonNode me = running.client().as(session).get("/auth/me").json();
    assertEquals(other, me.path("tenant").path("slug").asString());
    assertEquals("admin", me.path("role").asString());
    assertEquals(404, person.client().post("/platform/tenants/nowhere/switch", "{}").status());
  }

  @Test
  void loginCountsFailuresAndTheSessionEndsWithLogout() {
    People.Person person = people.joined(running.owner(), "member");
    String wrong = "{\"email\":\"" + person.email() + "\",\"password\":\"wrong\"}";
    String right =
        "{\"email\":\"" + person.email() + "\",\"password\":\"" + People.PASSWORD + "\"}";
    assertEquals("LOGIN_FAILED", running.client().post("/auth/login", wrong).code());
    Answer in = running.client().post("/auth/login", right.replace("@example", "@EXAMPLE"));
    assertEquals(200, in.status(), in.text());
    ApiClient session = running.client().as(in.json().path("token").asString());
    assertEquals(204, session.post("/auth/logout", "").status());
    assertEquals(401, session.get("/auth/me").status());
    assertEquals(200, person.client().get("/auth/me").status());
    for (int i = 0; i < 5; i++) {
      running.client().post("/auth/login", wrong);
    }
    Answer locked = running.client().post("/auth/login", right);
    assertEquals(429, locked.status(), locked.text());
    String nobody = "{\"email\":\"nobody@example.test\",\"password\":\"x\"}";
    assertEquals("LOGIN_FAILED", running.client().post("/auth/login", nobody).code());
  }

  @Test
  void preferencesLieOnTheAccount() {
    People.Person person = people.joined(running.owner(), "member");
    String set = "{\"preferences\":{\"language\":\"python\",\"theme\":\"dark\"}}";
    assertEquals(200, person.client().call("PATCH", "/auth/preferences", set).status());
    person.client().call("PUT", "/auth/preferences", "{\"preferences\":{\"theme\":null}}");
    JsonNode kept = person.client().get("/auth/preferences").json().path("preferences");
    assertEquals("python", kept.path("language").asString());
    assertFalse(kept.has("theme"));
    assertEquals(403, running.owner().get("/auth/preferences").status());
  }

  @Test
  void aTestKeyAndALiveKeySeeNothingOfEachOther() {
    ApiClient live = running.owner();
    JsonNode made =
        live.post("/api-keys", "{\"name\":\"t\",\"mode\":\"test\",\"key_type\":\"admin\"}")
            .json()
            .path("data");
    assertTrue(made.path("key").asString().startsWith("msk_test_"), made.toString());
    assertEquals("test", made.path("mode").asString());
    ApiClient test = running.client().as(made.path("key").asString());
    String workspace = "{\"name\":\"same\"}";
    String mine = live.post("/workspaces", workspace).json().path("data").path("id").asString();
    String theirs = test.post("/workspaces", workspace).json().path("data").path("id").asString();
    assertEquals(404, test.get("/workspaces/" + mine).status());
    assertEquals(404, live.get("/workspaces/" + theirs).status());
    assertFalse(live.get("/workspaces?limit=1000").text().contains(theirs));
    Answer who = test.get("/whoami");
    assertEquals("test", who.header("x-atoll-mode"));
    assertEquals("test", who.json().path("data").path("organization").path("mode").asString());
    String org = live.get("/platform/tenants/current").json().path("id").asString();
    assertEquals(200, test.with("X-MIOSA-Tenant", org).get("/workspaces").status());
    assertEquals(422, live.with("X-MIOSA-Tenant", theirs).get("/workspaces").status());
    String id = made.path("id").asString();
    assertTrue(live.get("/api-keys?mode=test").text().contains(id));
    assertFalse(live.get("/api-keys?mode=live").text().contains(id));
    assertEquals(204, live.delete("/api-keys/" + id).status());
    assertEquals(401, test.get("/workspaces").status());
  }

  @Test
  void aRotatedKeyWorksBesideItsSuccessorForTheOverlap() {
    ApiClient owner = running.owner();
    JsonNode made = owner.post("/api-keys", "{\"name\":\"r\"}").json().path("data");
    String path = "/api-keys/" + made.path("id").asString() + "/rotate";
    Answer rotated = owner.post(path, "{\"overlap_seconds\":60}");
    assertEquals(200, rotated.status(), rotated.text());
    ApiClient old = running.client().as(made.path("key").asString());
    ApiClient fresh = running.client().as(rotated.json().path("data").path("key").asString());
    assertEquals(200, old.get("/workspaces").status());
    assertEquals(200, fresh.get("/workspaces").status());
    owner.post(path, "{}");
    assertEquals(401, old.get("/workspaces").status());
    assertEquals(401, fresh.get("/workspaces").status());
  }

  @Test
  void aServiceAccountHasKeysOfNamedScopesThatEndWithIt() {
    ApiClient owner = running.owner();
    JsonNode account = owner.post("/service-accounts", "{\"name\":\"ci\"}").json().path("data");
    String path = "/service-accounts/" + account.path("id").asString();
    assertEquals(422, owner.post(path + "/keys", "{\"scopes\":[]}").status());
    JsonNode key =
        owner
            .post(path + "/keys", "{\"scopes\":[\"projects:read\"],\"expires_in_days\":1}")
            .json()
            .path("data");
    ApiClient client = running.client().as(key.path("key").asString());
    assertEquals(200, client.get("/projects").status());
    assertEquals("insufficient_scope", client.post("/projects", "{\"name\":\"x\"}").code());
    assertEquals(1, owner.get("/service-accounts").json().at("/data/0/active_key_count").asInt());
    assertEquals(1, owner.get(path + "/keys").json().path("data").size());
    assertEquals(204, owner.delete(path).status());
    assertEquals(401, client.get("/projects").status());
    assertEquals(404, running.owner().get(path + "/keys").status());
  }

  @Test
  void aKeyIsUsedFromItsNetworksOnly() {
    ApiClient owner = running.owner();
    String body = "{\"name\":\"n\",\"allowed_ips\":[\"10.1.0.0/16\",\"::1\"]}";
    String secret = owner.post("/api-keys", body).json().path("data").path("key").asString();
    ApiClient client = running.client().as(secret);
    assertEquals(403, client.get("/workspaces").status());
    assertEquals(403, client.with("X-Forwarded-For", "10.2.0.1").get("/workspaces").status());
    assertEquals(200, client.with("X-Forwarded-For", "10.1.2.3").get("/workspaces").status());
    assertEquals(200, client.with("X-Forwarded-For", "::1").get("/workspaces").status());
    ApiClient near = client.with("X-Forwarded-For", "10.1.2.3");
    Answer minted =
        near.post(
            "/tokens/scoped",
            "{\"user_id\":\"ann\",\"workspace_id\":\""
                + near.get("/workspaces").json().at("/data/0/id").asString()
                + "\"}");
    ApiClient token = running.client().as(minted.json().path("token").asString());
    assertEquals("FORBIDDEN", token.get("/sandboxes").code());
    assertEquals(200, token.with("X-Forwarded-For", "10.1.2.4").get("/sandboxes").status());
    String wrong = "{\"name\":\"n\",\"allowed_ips\":[\"example.test\"]}";
    assertEquals(422, owner.post("/api-keys", wrong).status());
  }

  @Test
  void aPolicyIsResolvedLeafByLeafWithItsSource() {
    ApiClient owner = running.owner();
    String tenant =
        "{\"lifecycle\":{\"max_timeout_sec\":100,\"max_idle_timeout_sec\":50},"
            + "\"features\":{\"gpu\":false}}";
    assertEquals(200, owner.call("PUT", "/tenant/policy", tenant).status());
    String user = "{\"lifecycle\":{\"max_timeout_sec\":10}}";
    assertEquals(200, owner.call("PUT", "/external-users/u%201/policy", user).status());
    JsonNode effective = owner.get("/external-users/u%201/effective-policy").json();
    assertEquals(10, effective.at("/lifecycle/max_timeout_sec/value").asInt());
    assertEquals("user", effective.at("/lifecycle/max_timeout_sec/source").asString());
    assertEquals("tenant", effective.at("/lifecycle/max_idle_timeout_sec/source").asString());
    assertEquals("tenant", effective.at("/features/gpu/source").asString());
    String wrong = "{\"lifecycle\":{\"max_timeout_sec\":\"long\"}}";
    assertEquals(422, owner.call("PUT", "/tenant/policy", wrong).status());
    assertEquals(204, owner.delete("/tenant/policy").status());
    assertFalse(owner.get("/tenant/policy").json().path("data").has("lifecycle"));
  }

  @Test
  void anOrganizationAndAWorkspaceSetTheirLimitsOfRequests() {
    ApiClient owner = running.owner();
    String secret =
        owner
            .post("/api-keys", "{\"name\":\"busy\",\"rate_limit_rpm\":500}")
            .json()
            .path("data")
            .path("key")
            .asString();
    ApiClient busy = running.client().as(secret);
    Answer first = busy.get("/workspaces");
    assertEquals("500", first.header("x-ratelimit-limit"));
    assertTrue(first.header("ratelimit").startsWith("\"key\";r=499;t="), first.header("ratelimit"));
    assertTrue(first.header("ratelimit-policy").contains("\"workspace\";q=600;w=60"));
    owner.call("PUT", "/tenant/policy", "{\"quotas\":{\"requests_per_minute_per_group\":5}}");
    Answer limited = busy.get("/projects");
    assertEquals("5", limited.header("x-ratelimit-limit"), limited.headers().toString());
    for (int i = 0; i < 4; i++) {
      assertEquals(200, busy.get("/projects").status());
    }
    Answer refused = busy.get("/projects");
    assertEquals(429, refused.status());
    assertEquals("group", refused.json().at("/error/details/policy").asString());
    assertEquals("0", refused.header("x-ratelimit-remaining"));
    assertEquals(200, busy.get("/workspaces").status());
  }

  @Test
  void projectsHaveEnvironmentsAndSharedVariables() {
    ApiClient owner = running.owner();
    String body =
        "{\"name\":\"Shop\",\"workspace_slug\":\"default\",\"external_project_id\":\"p1\"}";
    Answer made = owner.with("Idempotency-Key", "p").post("/projects", body);
    assertEquals(201, made.status(), made.text());
    assertEquals(
        "true",
        owner.with("Idempotency-Key", "p").post("/projects", body).header("idempotency-replayed"));
    String path = "/projects/" + made.json().path("data").path("id").asString();
    assertTrue(owner.get("/projects?external_project_id=p1").text().contains("Shop"));
    assertEquals(0, owner.get("/projects?external_project_id=p2").json().path("data").size());
    String set = "{\"variables\":{\"KEY\":\"0123456789abcdef\"}}";
    Answer list = owner.call("PUT", path + "/shared-variables", set);
    assertEquals("••••cdef", list.json().at("/data/0/preview").asString(), list.text());
    assertFalse(list.text().contains("0123456789"));
    JsonNode staging =
        owner.post(path + "/environments", "{\"name\":\"Staging\"}").json().path("data");
    String env = path + "/environments/" + staging.path("id").asString();
    assertEquals(409, owner.post(path + "/environments", "{\"name\":\"Staging\"}").status());
    String from = "{\"from_environment_id\":\"production\",\"apply\":true}";
    Answer synced = owner.post(env + "/sync", from);
    assertEquals("KEY", synced.json().at("/data/added/0").asString(), synced.text());
    assertEquals(1, owner.get(path + "/shared-variables?env=staging").json().path("data").size());
    assertEquals(204, owner.delete(path + "/shared-variables/KEY?env=staging").status());
    assertEquals(404, owner.delete(path + "/shared-variables/KEY?env=staging").status());
    assertEquals(204, owner.delete(env).status());
    assertEquals(1, owner.get(path + "/summary").json().at("/data/variables").asInt());
    assertEquals(404, running.owner().get(path).status());
    assertEquals(204, owner.delete(path).status());
  }

  @Test
  void settingsAndBrandingAreKept() {
    ApiClient owner = running.owner();
    owner.call("PUT", "/settings", "{\"settings\":{\"a\":1,\"b\":2}}");
    Answer flat = owner.call("PUT", "/settings", "{\"a\":null,\"c\":{\"d\":[true]}}");
    assertEquals("{\"b\":2,\"c\":{\"d\":[true]}}", flat.json().path("settings").toString());
    String nested = "{\"branding\":{\"app_name\":\"Shop\",\"primary_color\":\"#0af\"}}";
    assertEquals(
        "Shop", owner.call("PUT", "/tenant/branding", nested).json().path("app_name").asString());
    assertEquals("Shop", owner.get("/settings/branding").json().at("/data/app_name").asString());
    String wrong = "{\"primary_color\":\"red\"}";
    assertEquals(422, owner.call("PUT", "/tenant/branding", wrong).status());
    assertEquals(204, owner.delete("/tenant/branding").status());
  }

  @Test
  void aRoleInAWorkspaceIsGivenAndTaken() {
    ApiClient owner = running.owner();
    People.Person person = people.joined(owner, "member");
    String workspace =
        owner.post("/workspaces", "{\"name\":\"team\"}").json().path("id").asString();
    String path = "/workspaces/" + workspace;
    String invite = "{\"email\":\"" + person.email() + "\",\"role\":\"admin\"}";
    assertEquals("WORKSPACE_FORBIDDEN", person.client().post(path + "/invites", invite).code());
    Answer added = owner.post(path + "/invites", invite);
    assertEquals("added", added.json().path("type").asString(), added.text());
    Answer invited = owner.post(path + "/invites", "{\"email\":\"" + People.address() + "\"}");
    assertEquals("invited", invited.json().path("type").asString(), invited.text());
    Answer joined = people.registered(invited.json().at("/data/token").asString());
    assertEquals(201, joined.status(), joined.text());
    assertEquals(2, owner.get(path + "/members").json().path("data").size());
    String member = path + "/members/" + person.id();
    assertEquals(200, owner.call("PUT", member, "{\"role\":\"viewer\"}").status());
    assertEquals(200, owner.delete(member).status());
    assertEquals(404, owner.delete(member).status());
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a credential of one workspace, of one end user or for one sandbox does not reach. */
final class ConfinedCredentialsTest {
  private static final String SPEC = "\"build_spec\":{\"from\":\"docker.io/library/debian:13\"}";
  private static final String SCOPES =
      "[\"sandboxes:read\",\"sandboxes:write\",\"sandboxes:create\",\"deployments:read\","
          + "\"deployments:write\"]";

  private PlatformWithNode running;
  private ApiClient owner;
  private String workspace;
  private String sandbox;

  /** A key of {@link #workspace}. */
  private ApiClient inside;

  /** A token for {@link #sandbox}. */
  private ApiClient single;

  /** A token for an end user in {@link #workspace}. */
  private ApiClient user;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    workspace = made("/workspaces", "{\"name\":\"w\"}").path("id").asString();
    String account = made("/service-accounts", "{\"name\":\"ci\"}").path("id").asString();
    String place = "\"workspace_id\":\"" + workspace + "\"";
    inside =
        running.as(
            made(
                    "/service-accounts/" + account + "/keys",
                    "{\"scopes\":" + SCOPES + "," + place + "}")
                .path("key")
                .asString());
    sandbox =
        made("/sandboxes", "{\"external_user_id\":\"ann\"," + place + "}").path("id").asString();
    user = token("{\"user_id\":\"ann\"," + place + "}");
    single = token("{\"user_id\":\"ann\"," + place + ",\"sandbox_ids\":[\"" + sandbox + "\"]}");
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(String path, String body) {
    Answer answer = owner.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("id") ? json : json.path("data");
  }

  private ApiClient token(String body) {
    Answer minted = owner.post("/tokens/scoped", body);
    assertTrue(minted.status() < 300, minted::text);
    return running.as(minted.json().path("token").asString());
  }

  private static void forbidden(Answer answer) {
    assertEquals(403, answer.status(), answer.text());
    assertEquals("FORBIDDEN", answer.code());
  }

  @Test
  void templatesAreReadByAllAndChangedByTheOrganizationAlone() {
    String template =
        made("/sandbox-templates", "{\"name\":\"t\"," + SPEC + "}").path("id").asString();
    String path = "/sandbox-templates/" + template;
    String build = owner.get(path + "/builds").json().path("data").get(0).path("id").asString();
    for (ApiClient each : List.of(inside, user, single)) {
      assertEquals(200, each.get(path).status());
      forbidden(each.call("PATCH", path, "{\"description\":\"x\"}"));
      forbidden(each.post(path + "/builds", "{" + SPEC + "}"));
      forbidden(each.post("/sandbox-template-builds/" + build + "/cancel", "{}"));
      forbidden(each.post("/sandbox-templates", "{\"name\":\"u\"," + SPEC + "}"));
      forbidden(each.post("/sandbox-template-files", "{\"name\":\"f\"}"));
      forbidden(each.delete(path));
    }
    assertEquals(200, owner.call("PATCH", path, "{\"description\":\"x\"}").status());
  }

  @Test
  void aBatchIsReachedFromItsOwnWorkspace() {
    String foreign = made("/sandboxes/batch", "{\"count\":1}").path("id").asString();
    for (ApiClient each : List.of(inside, user, single)) {
      assertEquals(404, each.get("/sandboxes/batches/" + foreign).status());
      assertEquals(404, each.get("/sandboxes/batches/" + foreign + "/items").status());
      assertEquals(404, each.get("/sandboxes/batches/" + foreign + "/events").status());
      assertEquals(404, each.post("/sandboxes/batches/" + foreign + "/cancel", "{}").status());
    }
    assertEquals(200, owner.get("/sandboxes/batches/" + foreign).status());
    Answer own = inside.post("/sandboxes/batch", "{\"count\":1}");
    assertEquals(202, own.status(), own.text());
    String batch = own.json().path("data").path("id").asString();
    assertEquals(200, inside.get("/sandboxes/batches/" + batch + "/items").status());
    assertEquals(404, user.get("/sandboxes/batches/" + batch).status());
    PlatformWithNode.await(() ->
        !owner
            .get("/sandboxes/batches/" + batch)
            .json()
            .path("data")
            .path("status")
            .asString()
            .equals("running"));
  }

  @Test
  void aDomainIsReachedFromTheWorkspaceOfItsDeployment() {
    String name = "d" + UUID.randomUUID() + ".example.org";
    String deployment = made("/deployments", "{\"name\":\"d\"}").path("id").asString();
    String domain =
        made("/deployments/" + deployment + "/domains", "{\"domain\":\"" + name + "\"}")
            .path("id")
            .asString();
    for (String path : List.of("/custom-domains/" + domain, "/custom-domains/" + name)) {
      assertEquals(404, inside.get(path).status());
      assertEquals(404, inside.post(path + "/verify", "{}").status());
      assertEquals(404, inside.delete(path).status());
    }
    assertEquals(404, inside.delete("/domains/" + name).status());
    assertTrue(inside.get("/custom-domains").json().path("data").isEmpty());
    String there = "{\"target_workspace_id\":\"" + workspace + "\"}";
    assertEquals(200, owner.post("/deployments/" + deployment + "/move", there).status());
    assertEquals(200, inside.get("/custom-domains/" + domain).status());
    assertEquals(204, inside.delete("/custom-domains/" + domain).status());
    String own = "e" + name;
    Answer registered = inside.post("/custom-domains", "{\"fqdn\":\"" + own + "\"}");
    assertEquals(201, registered.status(), registered.text());
    assertEquals(204, inside.delete("/custom-domains/" + own).status());
  }

  @Test
  void aTokenForSomeSandboxesCreatesNone() {
    String snapshot = made("/sandboxes/" + sandbox + "/snapshots", "{}").path("id").asString();
    forbidden(single.post("/sandboxes", "{}"));
    forbidden(single.post("/sandboxes/batch", "{\"count\":1}"));
    forbidden(single.post("/sandboxes/run", "{\"command\":\"true\"}"));
    forbidden(single.post("/sandboxes/" + sandbox + "/fork", "{}"));
    forbidden(single.post("/sandboxes/" + sandbox + "/restore/" + snapshot, "{}"));
    forbidden(single.post("/snapshots/" + snapshot + "/fork", "{}"));
    forbidden(single.post("/named-snapshots/n/deploy", "{}"));
    assertEquals(200, single.get("/sandboxes/" + sandbox).status());
    assertEquals(201, user.post("/sandboxes", "{}").status());
  }

  @Test
  void aTokenForSomeSandboxesReachesNothingBesidesThem() {
    String volume =
        made(
                "/volumes",
                "{\"name\":\"v\",\"size_gb\":1,\"external_user_id\":\"ann\",\"workspace_id\":\""
                    + workspace
                    + "\"}")
            .path("id")
            .asString();
    assertEquals(200, user.get("/volumes/" + volume).status());
    forbidden(single.get("/volumes"));
    forbidden(single.delete("/volumes/" + volume));
    forbidden(single.post("/volumes", "{\"name\":\"w\",\"size_gb\":1}"));
    forbidden(single.get("/deployments"));
    forbidden(single.post("/deployments", "{\"name\":\"d\"}"));
    forbidden(single.post("/sandboxes/" + sandbox + "/deploy", "{\"name\":\"d\"}"));
    forbidden(single.post("/custom-domains", "{\"fqdn\":\"a.example.org\"}"));
    assertEquals(200, single.get("/sandboxes/" + sandbox + "/volumes").status());
    assertEquals(200, single.get("/sandboxes").status());
  }

  @Test
  void everyCredentialIsToldWhoItIsAndWhatThereIs() {
    String org = owner.get("/platform/tenants/current").json().path("id").asString();
    running
        .store()
        .executeSystem(tx ->
            tx.sql().execute("insert into ledger_balances values (?, 'credits', 12, now())", org));
    for (String path : List.of("/data/organization", "/data")) {
      String asked = path.equals("/data") ? "/platform/tenants/current" : "/whoami";
      JsonNode told = owner.get(asked).json().at(path);
      assertEquals(12, told.path("credit_balance").asLong(-1), told::toString);
    }
    for (ApiClient each : List.of(inside, user, single)) {
      for (String path :
          List.of(
              "/whoami", "/platform/tenants/current", "/limits", "/compute/sizes", "/regions")) {
        Answer told = each.get(path);
        assertEquals(200, told.status(), path + " " + told.text());
      }
      JsonNode who = each.get("/whoami").json().path("data");
      assertFalse(who.at("/organization/credit_balance").isNumber(), who::toString);
      assertEquals(workspace, who.path("workspace").path("id").asString(), who::toString);
      assertTrue(who.path("user").isNull(), who::toString);
    }
    assertEquals("token", single.get("/whoami").json().at("/data/credential/type").asString());
  }

  @Test
  void aKeyOfOneWorkspaceSpeaksTheOtherWireWithinIt() {
    String other = made("/sandboxes", "{}").path("id").asString();
    Answer listed = inside.get("/e2b/v2/sandboxes");
    assertEquals(200, listed.status(), listed.text());
    assertTrue(listed.text().contains(sandbox.substring(4)), listed::text);
    assertFalse(listed.text().contains(other.substring(4)), listed::text);
    assertEquals(200, inside.get("/e2b/sandboxes/" + sandbox.substring(4)).status());
    assertEquals(404, inside.get("/e2b/sandboxes/" + other.substring(4)).status());
    assertEquals(404, inside.delete("/e2b/sandboxes/" + other.substring(4)).status());
    assertEquals(403, inside.get("/e2b/volumes").status());
    assertEquals(403, inside.post("/e2b/v3/templates", "{\"name\":\"t\"}").status());
    assertEquals(403, single.get("/e2b/v2/sandboxes").status());
  }

  @Test
  void aKeyThatOnlyReadsIsRefusedAtOnceOnTheOtherWire() {
    ApiClient reader =
        running.as(
            made("/api-keys", "{\"name\":\"r\",\"scopes\":[\"sandboxes:read\"]}")
                .path("key")
                .asString());
    String fork = "/e2b/sandboxes/" + sandbox.substring(4) + "/fork";
    assertEquals(403, reader.post(fork, "{}").status());
    assertEquals(403, reader.post("/e2b/v3/templates", "{\"name\":\"t\"}").status());
  }

  @Test
  void anotherWorkspaceIsNotThere() {
    String other = made("/workspaces", "{\"name\":\"other\"}").path("id").asString();
    for (ApiClient each : List.of(inside, user)) {
      for (String kind : List.of("sandboxes", "deployments")) {
        assertEquals(404, each.get("/workspaces/" + other + "/" + kind).status());
        assertEquals(404, each.get("/workspaces/other/" + kind).status());
        assertEquals(200, each.get("/workspaces/" + workspace + "/" + kind).status());
      }
    }
  }

  @Test
  void aKeyThatWouldNotBeConfinedAsItWasAskedForIsRefused() {
    String place = "\"workspace_id\":\"" + workspace + "\"";
    Answer refused = owner.post("/api-keys", "{\"name\":\"k\"," + place + "}");
    assertEquals(422, refused.status(), refused.text());
    assertTrue(refused.text().contains("/service-accounts/:id/keys"), refused::text);
    String scoped = "{\"external_user_id\":\"u\",\"scopes\":[\"sandboxes:read\"]," + place + "}";
    assertEquals(422, owner.post("/api-keys/scoped", scoped).status());
    String key = "/api-keys/" + made("/api-keys", "{\"name\":\"k\"}").path("id").asString();
    assertEquals(422, owner.call("PATCH", key, "{" + place + "}").status());
    assertEquals(200, owner.call("PATCH", key, "{\"workspace_id\":null}").status());
  }

  @Test
  void aNumberThatIsNotFiniteIsRefusedWithItsPlace() {
    Answer refused =
        owner.post("/sandboxes", "{\"metadata\":{\"a\":[1.5,{\"b\":1e400}],\"c\":-1e999}}");
    assertEquals(422, refused.status(), refused.text());
    assertTrue(refused.text().contains("metadata.a[1].b"), refused::text);
    assertTrue(refused.text().contains("metadata.c"), refused::text);
    assertFalse(refused.text().contains("metadata.a[0]"), refused::text);
  }

  @Test
  void aProjectIsNamedByItsIdAlone() {
    String there =
        made("/projects", "{\"name\":\"p\",\"workspace_id\":\"" + workspace + "\"}")
            .path("id")
            .asString();
    String project = "\"project_id\":\"" + there + "\"";
    for (JsonNode made :
        List.of(
            made("/sandboxes", "{" + project + "}"),
            made("/volumes", "{\"name\":\"v\",\"size_gb\":1," + project + "}"),
            made("/deployments", "{\"name\":\"d\"," + project + "}"),
            made("/projects/" + there + "/deployments", "{\"name\":\"e\"}"))) {
      assertEquals(there, made.path("project_id").asString(), made::toString);
      assertEquals(workspace, made.path("workspace_id").asString(), made::toString);
    }
    // Two places that contradict each other are none.
    String elsewhere = made("/workspaces", "{\"name\":\"other\"}").path("id").asString();
    Answer refused =
        owner.post("/sandboxes", "{" + project + ",\"workspace_id\":\"" + elsewhere + "\"}");
    assertEquals(422, refused.status(), refused.text());
    String foreign =
        made("/projects", "{\"name\":\"q\",\"workspace_id\":\"" + elsewhere + "\"}")
            .path("id")
            .asString();
    assertEquals(422, inside.post("/sandboxes", "{\"project_id\":\"" + foreign + "\"}").status());
  }
}

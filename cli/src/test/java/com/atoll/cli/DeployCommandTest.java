package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.WireServer.Answer;
import com.atoll.cli.WireServer.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeployCommandTest {
  private static final String BUILDING =
      "{\"deployment_id\":\"dep_1\",\"version_id\":\"ver_1\",\"public_url\":\"http://u\",\"deployment\":{\"id\":\"dep_1\",\"state\":\"building\"},\"version\":{\"id\":\"ver_1\",\"state\":\"building\"},\"services\":[],\"promoted\":false}";
  private final WireServer server = new WireServer();

  @AfterEach
  void stop() {
    server.close();
  }

  private void teach(String version) {
    server
        .on("POST", "/api/v1/sandboxes", Answer.json(201, "{\"id\":\"sbx_1\"}"))
        .on("POST", "/api/v1/sandboxes/sbx_1/fs/write", Answer.json(201, "{}"))
        .on("POST", "/api/v1/sandboxes/sbx_1/exec", Answer.json(200, "{\"exit_code\":0}"))
        .on(
            "DELETE",
            "/api/v1/sandboxes/sbx_1",
            new Answer(204, "text/plain", "", java.util.Map.of()))
        .on("GET", "/api/v1/deployments?limit=100", Answer.json(200, "{\"data\":[],\"meta\":{}}"))
        .on("POST", "/api/v1/sandboxes/sbx_1/deploy", Answer.json(200, BUILDING))
        .on(
            "GET",
            "/api/v1/deployments/dep_1/versions/ver_1",
            Answer.json(200, "{\"data\":{\"id\":\"ver_1\",\"state\":\"building\"}}"),
            Answer.json(200, version))
        .on(
            "GET",
            "/api/v1/deployments/dep_1",
            Answer.json(
                200,
                "{\"data\":{\"id\":\"dep_1\",\"state\":\"running\",\"public_url\":\"http://site.org.localhost\"}}"));
  }

  @Test
  void aFolderEndsAsAUrlAndItsSandboxIsGone(@TempDir Path folder) throws Exception {
    teach("{\"data\":{\"id\":\"ver_1\",\"state\":\"ready\"}}");
    Files.writeString(folder.resolve("index.html"), "<h1>hi</h1>");
    Ran ran = server.atoll("deploy", folder.toString(), "--name", "site", "--port", "8000");
    assertEquals(0, ran.code(), ran.err());
    assertEquals("http://site.org.localhost\n", ran.out());
    assertTrue(ran.err().contains("uploading"), ran.err());
    server.only("DELETE");
    var deploy =
        server.asked.stream().filter(a -> a.path().endsWith("/deploy")).findFirst().orElseThrow();
    assertEquals("site", deploy.json().path("name").asString());
    assertEquals(8000, deploy.json().path("port").asInt());
  }

  @Test
  void aFailedVersionFailsTheCommandWithItsReason(@TempDir Path folder) {
    teach(
        "{\"data\":{\"id\":\"ver_1\",\"state\":\"failed\",\"error_message\":\"port 8000 never answered\"}}");
    Ran ran = server.atoll("deploy", folder.toString(), "--json");
    assertEquals(1, ran.code());
    assertEquals("PUBLISH_FAILED", ran.json().path("error").path("code").asString());
    assertTrue(ran.err().contains("port 8000 never answered"));
    server.only("DELETE");
  }

  @Test
  void listsAreTablesForPeopleAndTheAnswerForPrograms() {
    server.on(
        "GET",
        "/api/v1/deployments?limit=100",
        Answer.json(
            200,
            "{\"data\":[{\"id\":\"dep_1\",\"name\":\"a\\u001b[31m\",\"state\":\"running\",\"public_url\":\"http://u\"}],\"meta\":{\"total\":1}}"));
    String table = server.atoll("deployments", "ls").out();
    assertTrue(table.contains("dep_1") && !table.contains("\u001b"), table);
    assertEquals(
        1, server.atoll("deployments", "ls", "--json").json().path("meta").path("total").asInt());
  }

  @Test
  void rollbackWithoutAVersionSendsNone() {
    server.on(
        "POST",
        "/api/v1/deployments/dep_1/rollback",
        Answer.json(200, "{\"data\":{\"id\":\"dep_1\",\"active_version_id\":\"ver_1\"}}"));
    assertEquals("serving ver_1\n", server.atoll("deployments", "rollback", "dep_1").out());
    assertTrue(server.only("POST").json().isEmpty());
  }

  @Test
  void aNewKeyIsPrintedAlone() {
    server.on(
        "POST",
        "/api/v1/api-keys",
        Answer.json(201, "{\"data\":{\"id\":\"key_1\",\"key\":\"msk_u_s\"}}"));
    assertEquals("msk_u_s\n", server.atoll("keys", "create", "ci", "--scope", "a").out());
    assertEquals("a", server.only("POST").json().path("scopes").path(0).asString());
  }
}

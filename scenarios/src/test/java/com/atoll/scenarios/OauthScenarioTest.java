package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A user consents at a provider, and a sandbox has the token. */
@Tag("fast")
final class OauthScenarioTest {
  private final Given given = new Given();
  private final String name = Given.unique("provider");
  private final Path file = given.target.home().resolve("secrets/oauth.json");
  private OauthServer provider;

  @BeforeEach
  void theOwnerHasSetUpAProvider() throws IOException {
    provider = new OauthServer(3_600);
    Files.writeString(
        file,
        """
        [{"name": "%s", "display_name": "Example", "client_id": "atoll", "client_secret": "the secret",
          "authorize_url": "%s", "token_url": "%s", "scopes": ["read", "write"], "hosts": []},
         {"name": "github"}]
        """
            .formatted(name, provider.url("/authorize"), provider.url("/token")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  @AfterEach
  void theProviderGoes() throws IOException {
    Files.delete(file);
    provider.close();
  }

  @Test
  void aConsentBecomesASecretOfASandbox() throws Exception {
    JsonNode listed = given.api.get("/egress/oauth/providers").expect(200).json();
    assertEquals(1, listed.path("providers").size(), "github is not set up");
    assertEquals("Example", listed.path("data").path(0).path("display_name").asString());
    assertFalse(listed.toString().contains("secret"));
    try (Sandbox sandbox = given.aSandbox().running()) {
      JsonNode begun =
          begin(
              Map.of(
                  "provider",
                  name,
                  "resource_id",
                  sandbox.id(),
                  "expose_as_env",
                  "THEIR_TOKEN",
                  "redirect_uri",
                  "https://app.example.com/done?a=1&b=2"));
      String state = begun.path("state").asString();
      assertEquals("pending", status(state).path("status").asString());
      given.stranger.get("/egress/oauth/status?state=" + state).expect(404);

      String back = consent(begun.path("authorize_url").asString());
      Reply page = given.api.page(back);
      assertEquals(200, page.status());
      assertTrue(page.text().contains("Connected to " + name), page::text);
      assertTrue(page.text().contains("https://app.example.com/done?a=1&amp;b=2"), page::text);

      JsonNode now = status(state);
      assertEquals("completed", now.path("status").asString());
      JsonNode secret =
          given.api.get("/egress/secrets?provider=" + name).json().path("secrets").path(0);
      assertEquals(now.path("secret_id").asString(), secret.path("id").asString());
      assertEquals("active", secret.path("status").asString());
      assertFalse(secret.toString().contains("a first token"), secret::toString);
      assertEquals("a first token of theirs", sandbox.run("printenv THEIR_TOKEN").strip());

      assertTrue(given.api.page(back).text().contains("used already"));
      assertEquals("completed", status(state).path("status").asString());
      given.api.delete("/egress/secrets/" + secret.path("id").asString()).expect(204);
    }
  }

  @Test
  void whatTheProviderRefusesIsTold() throws Exception {
    String state = begin(Map.of("provider", name)).path("state").asString();
    String callback = callback() + "?state=" + state;
    String page = given.api.page(callback + "&error=access_denied%3Cscript%3E").text();
    assertTrue(page.contains("Not connected"), page);
    assertFalse(page.contains("<script>"), page);
    assertEquals("failed", status(state).path("status").asString());

    String other = begin(Map.of("provider", name)).path("state").asString();
    assertTrue(
        given
            .api
            .page(callback() + "?state=" + other + "&code=guessed")
            .text()
            .contains("refused"));
    assertEquals("failed", status(other).path("status").asString());
    assertEquals(404, given.api.page(callback() + "?state=guessed&code=x").status());
  }

  @Test
  void whatIsWrongIsNamed() {
    given.api.post("/egress/oauth/start", Map.of()).expect(422);
    given.api.post("/egress/oauth/start", Map.of("provider", "nobody")).expect(404);
    given
        .api
        .post(
            "/egress/oauth/start", Map.of("provider", name, "redirect_uri", "javascript:alert(1)"))
        .expect(422);
    given
        .api
        .post("/egress/oauth/start", Map.of("provider", name, "expose_as_env", "TOKEN"))
        .expect(422);
  }

  private JsonNode begin(Map<String, Object> body) {
    return given.api.post("/egress/oauth/start", body).expect(200).json();
  }

  private JsonNode status(String state) {
    return given.api.get("/egress/oauth/status?state=" + state).expect(200).json();
  }

  private String callback() {
    return "http://localhost:" + given.target.httpPort() + "/api/v1/egress/oauth/callback";
  }

  /** What the browser of somebody who consents does. */
  private static String consent(String authorizeUrl) throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      HttpResponse<Void> answer =
          browser.send(
              HttpRequest.newBuilder(URI.create(authorizeUrl)).build(), BodyHandlers.discarding());
      return answer.headers().firstValue("Location").orElseThrow();
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A domain of an organization's own: nothing by it until its DNS says whose it is. */
@Tag("fast")
@Tag("all")
final class PreviewDomainScenarioTest {
  private static final String PATH = "/tenant/preview-domain";

  private final Given given = new Given();
  private final String domain = Given.unique("previews") + ".acme.example";

  @AfterEach
  void giveUp() {
    given.api.delete(PATH).expect(204);
    given.stranger.delete(PATH).expect(204);
  }

  private Reply set(Api by, String name) {
    return by.json("PUT", PATH, Map.of("preview_domain", name), Map.of());
  }

  private static JsonNode record(Reply view, String type) {
    for (JsonNode one : view.json().path("records")) {
      if (one.path("type").asString().equals(type)) {
        return one;
      }
    }
    throw new AssertionError(view.toString());
  }

  @Test
  void previewsHaveNamesBelowADomainOnceItIsVerified() throws IOException {
    try (Sandbox sandbox = given.aSandbox().running().serving(8000, "mine");
        NameServer names = NameServer.of(given.target)) {
      String usual = given.api.get(sandbox.at("")).string("preview_url");
      Reply unset = given.api.get(PATH).expect(200);
      assertFalse(unset.json().path("verified").asBoolean(), unset::toString);
      given.api.post(PATH + "/verify", Map.of()).expectError(404, "NOT_FOUND");

      Reply view = set(given.api, domain.toUpperCase(java.util.Locale.ROOT)).expect(200);
      assertEquals(domain, view.string("domain"));
      assertEquals(view.text(), set(given.api, domain).expect(200).text());
      String target = view.string("cname_target");
      String own = "http://8000-" + sandbox.slug() + ".sandbox." + domain + "/";
      assertEquals(404, given.api.page(own).status());

      // Without the records, with one of them, with all.
      Reply nothing = given.api.post(PATH + "/verify", Map.of()).expect(200);
      assertFalse(nothing.json().path("verified").asBoolean(), nothing::toString);
      JsonNode text = record(view, "TXT");
      names.text(text.path("name").asString(), text.path("value").asString());
      Reply half = given.api.post(PATH + "/verify", Map.of()).expect(200);
      assertFalse(half.json().path("verified").asBoolean(), half::toString);
      assertTrue(half.json().path("checks").get(0).path("ok").asBoolean(), half::toString);
      assertEquals(404, given.api.page(own).status());
      names.aliasBelow("sandbox." + domain, target);
      Reply whole = given.api.post(PATH + "/verify", Map.of()).expect(200);
      assertTrue(whole.json().path("verified").asBoolean(), whole::toString);
      assertEquals(
          whole.string("verified_at"),
          given.api.post(PATH + "/verify", Map.of()).expect(200).string("verified_at"));

      assertEquals("mine", given.api.page(own).expect(200).text());
      String link = given.api.get(sandbox.at("")).string("preview_url");
      assertTrue(link.contains(".sandbox." + domain), link);
      assertEquals(
          "mine", given.api.page(usual.replaceFirst("//[0-9]+-", "//8000-")).expect(200).text());
      othersAreNotServed(own);

      given.api.delete(PATH).expect(204);
      given.api.delete(PATH).expect(204);
      assertEquals(404, given.api.page(own).status());
      assertEquals(usual, given.api.get(sandbox.at("")).string("preview_url"));
    }
  }

  /** A sandbox of another organization has no name below the domain, and cannot take it. */
  private void othersAreNotServed(String own) {
    Reply made = given.stranger.post("/sandboxes", Map.of("size", "xs")).expect(201);
    try (Sandbox theirs =
        new Sandbox(given.stranger, made.string("id"), made.string("slug"))
            .serving(8000, "theirs")) {
      String theirName = "http://8000-" + theirs.slug() + ".sandbox." + domain + "/";
      assertEquals(404, given.api.page(theirName).status());
      set(given.stranger, domain).expectError(409, "DOMAIN_TAKEN");
      assertFalse(given.stranger.get(PATH).text().contains(domain));
      assertEquals("mine", given.api.page(own).expect(200).text());
    }
  }

  @Test
  void whoOwnsADomainDecidesAndNotWhoAsksFirst() throws IOException {
    try (NameServer names = NameServer.of(given.target)) {
      Reply squatter = set(given.stranger, domain).expect(200);
      Reply owner = set(given.api, domain).expect(200);
      names.aliasBelow("sandbox." + domain, owner.string("cname_target"));
      JsonNode text = record(owner, "TXT");
      names.text(text.path("name").asString(), text.path("value").asString());
      assertFalse(squatter.text().contains(text.path("value").asString()));
      given.stranger.post(PATH + "/verify", Map.of()).expect(200);
      assertFalse(given.stranger.get(PATH).json().path("verified").asBoolean());
      Reply verified = given.api.post(PATH + "/verify", Map.of()).expect(200);
      assertTrue(verified.json().path("verified").asBoolean(), verified::toString);
      given.stranger.post(PATH + "/verify", Map.of()).expect(200);
      assertFalse(given.stranger.get(PATH).json().path("verified").asBoolean());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "x.localhost",
        "nodots",
        "a..example",
        "1.2.3.4",
        "a b.example",
        "-a.example",
        "http://a.example",
        "*.a.example",
        "a.example:80"
      })
  void whatIsNoDomainIsRefused(String name) {
    set(given.api, name).expectFieldError("domain");
  }

  @Test
  void aResolverThatIsAwayIsSaidSo() {
    set(given.api, domain).expect(200);
    Reply reply = given.api.post(PATH + "/verify", Map.of()).expect(200);
    assertFalse(reply.json().path("verified").asBoolean(), reply::toString);
    assertFalse(reply.json().path("checks").get(0).path("failure").isNull(), reply::toString);
  }
}

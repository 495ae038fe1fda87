package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** A domain of a customer's own shows a deployment once its DNS has said that it is his. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CustomDomainScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;
  private Deployment site;

  @BeforeAll
  void publish() {
    sandbox = given.aSandbox().running().withFile("/workspace/dist/index.html", "shop");
    site = given.published(sandbox, Map.of("output_path", "/workspace/dist"));
  }

  @AfterAll
  void release() {
    site.close();
    sandbox.close();
  }

  private Reply attach(String domain) {
    return given.api.post(site.at("/domains"), Map.of("domain", domain)).expect(201);
  }

  private Reply verify(Reply domain) {
    return given
        .api
        .post(site.at("/domains/" + domain.string("id") + "/verify"), Map.of())
        .expect(200);
  }

  private void assertServed(boolean wanted, String domain) {
    Reply page = given.api.page("http://" + domain + "/");
    assertEquals(wanted ? 200 : 404, page.status(), page::toString);
    assertTrue(!wanted || page.text().equals("shop"), page::toString);
  }

  private static JsonNode text(Reply domain) {
    for (JsonNode record : domain.json().path("records")) {
      if (record.path("type").asString().equals("TXT")) {
        return record;
      }
    }
    throw new AssertionError(domain.toString());
  }

  @Test
  void anAliasOfTheNameThatOnlyItsOwnerWasToldIsEnough() throws IOException {
    String domain = Given.unique("shop") + ".acme.example";
    Reply added = attach(domain);
    assertEquals("pending", added.string("status"));
    assertEquals(
        added.string("verification_target"),
        added.json().path("dns_instructions").path("value").asString());
    assertServed(false, domain);
    try (NameServer names = NameServer.of(given.target)) {
      Reply early = verify(added);
      assertEquals("failed", early.string("status"), early::toString);
      assertFalse(early.string("error").isBlank());
      assertTrue(early.json().path("verified_at").isNull(), early::toString);
      assertServed(false, domain);

      names.alias(domain, "elsewhere." + domain);
      names.alias("elsewhere." + domain, added.string("verification_target"));
      Reply proved = verify(added);
      assertEquals("active", proved.string("status"), proved::toString);
      assertTrue(proved.json().path("error").isNull(), proved::toString);
      assertServed(true, domain);
      assertEquals(proved.string("verified_at"), verify(added).string("verified_at"));
      Reply listed = given.api.get("/custom-domains?status=active");
      assertTrue(listed.text().contains(domain), listed::toString);

      // Who lets go of it no longer has it.
      names.forget(domain);
      Reply lost = verify(added);
      assertEquals("failed", lost.string("status"), lost::toString);
      assertTrue(lost.json().path("verified_at").isNull(), lost::toString);
      assertServed(false, domain);
      names.alias(domain, added.string("verification_target"));
      assertEquals(
          "active",
          given
              .api
              .post("/custom-domains/" + added.string("id") + "/verify", Map.of())
              .expect(200)
              .string("status"));
      assertServed(true, domain);
    }
    // A resolver that is away takes nothing away.
    Reply away = verify(added);
    assertEquals("active", away.string("status"), away::toString);
    assertFalse(away.string("error").isBlank(), away::toString);
    assertServed(true, domain);
    String events = given.api.get("/audit-log?limit=50").expect(200).text();
    assertTrue(events.contains("deployment.domain_verified"), events);
    given.api.delete(site.at("/domains/" + domain)).expect(204);
    assertServed(false, domain);
  }

  @Test
  void anApexIsProvedByATextAndLeadsHereByItsAddress() throws IOException {
    String domain = Given.unique("acme") + ".example";
    Reply added = attach(domain);
    assertEquals("ALIAS", added.json().path("dns_instructions").path("type").asString());
    try (NameServer names = NameServer.of(given.target)) {
      // The address alone says where it leads, and not whose it is.
      names.address(domain, "127.0.0.1");
      assertEquals("failed", verify(added).string("status"));
      assertServed(false, domain);
      names.address(domain, "192.0.2.7");
      JsonNode text = text(added);
      names.text(text.path("name").asString(), text.path("value").asString());
      Reply elsewhere = verify(added);
      assertEquals("verified", elsewhere.string("status"), elsewhere::toString);
      assertFalse(elsewhere.string("error").isBlank(), elsewhere::toString);
      names.address(domain, "127.0.0.1");
      assertEquals("active", verify(added).string("status"));
      assertServed(true, domain);
    }
  }

  @Test
  void whoProvesItHasItAndNotWhoAsksFirst() throws IOException {
    String domain = Given.unique("contested") + ".acme.example";
    Reply squatter = given.stranger.post("/custom-domains", Map.of("fqdn", domain)).expect(201);
    Reply added = attach(domain);
    assertFalse(squatter.text().contains(added.string("verification_target")));
    given.api.post(site.at("/domains"), Map.of("domain", domain)).expectError(409, "DOMAIN_TAKEN");
    String theirs = "/custom-domains/" + squatter.string("id");
    try (NameServer names = NameServer.of(given.target)) {
      names.alias(domain, added.string("verification_target"));
      Reply failed = given.stranger.post(theirs + "/verify", Map.of()).expect(200);
      assertEquals("failed", failed.string("status"), failed::toString);
      assertEquals("active", verify(added).string("status"));
      assertServed(true, domain);
      // Also with a proof of their own: it is somebody else's as long as he has it.
      names.text("_atoll." + domain, text(squatter).path("value").asString());
      given.stranger.post(theirs + "/verify", Map.of()).expectError(409, "DOMAIN_TAKEN");
      assertServed(true, domain);
    }
    given.stranger.delete(theirs).expect(204);
    given.stranger.post("/custom-domains", Map.of("fqdn", domain)).expectError(409, "DOMAIN_TAKEN");
    given.stranger.post("/custom-domains/" + added.string("id") + "/verify", Map.of()).expect(404);
  }
}

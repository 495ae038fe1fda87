package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sandbox, preview, publish, version, deployment: the line a user lives in. */
@Tag("fast")
@Tag("all")
final class PipelineScenarioTest {
  private final Given given = new Given();

  @Test
  void aStaticSiteIsPublishedChangedAndRolledBack() {
    try (Sandbox sandbox =
        given
            .aSandbox()
            .running()
            .withFile("/workspace/dist/index.html", "<h1>one</h1>")
            .withFile("/workspace/dist/app.js", "let a = 1;\n".repeat(500))) {
      try (Deployment site = given.published(sandbox, Map.of("output_path", "/workspace/dist"))) {
        Reply first = given.api.page(site.url()).expect(200);
        assertEquals("<h1>one</h1>", first.text());
        assertTrue(first.header("content-type").startsWith("text/html"));

        String script = site.url() + "/app.js";
        Reply cached =
            given.api.page(script, Map.of("If-None-Match", given.api.page(script).header("etag")));
        assertEquals(304, cached.status());
        Reply part = given.api.page(script, Map.of("Range", "bytes=0-4")).expect(206);
        assertEquals("let a", part.text());
        given.api.page(script, Map.of("Range", "bytes=999999-")).expect(416);
        Reply packed = given.api.page(script, Map.of("Accept-Encoding", "gzip")).expect(200);
        assertEquals("gzip", packed.header("content-encoding"));
        Reply route = given.api.page(site.url() + "/some/route", Map.of("Accept", "text/html"));
        assertEquals("<h1>one</h1>", route.expect(200).text());

        sandbox.withFile("/workspace/dist/index.html", "<h1>two</h1>");
        site.publish(sandbox, Map.of("output_path", "/workspace/dist"));
        assertEquals("<h1>two</h1>", given.api.page(site.url()).text());
        site.rollback();
        assertEquals("<h1>one</h1>", given.api.page(site.url()).text());
      }
    }
  }

  @Test
  void anAppIsPublishedAndItsFailedSuccessorNeverServes() {
    try (Sandbox sandbox = given.aSandbox().running().serving(8080, "good")) {
      try (Deployment app =
          given.published(
              sandbox,
              Map.of("run_command", "python3 /workspace/serve.py $PORT good", "port", 8080))) {
        assertEquals("good", given.api.page(app.url()).expect(200).text());
        Reply broken =
            given.api.post(
                app.at("/publish"),
                Map.of("source_sandbox_id", sandbox.id(), "run_command", "exit 9", "port", 8080));
        assertNotEquals(500, broken.status(), broken::toString);
        Given.eventually(
            90,
            "the broken version has failed",
            () ->
                given
                    .api
                    .get(app.at("/versions"))
                    .json()
                    .path("data")
                    .get(0)
                    .path("state")
                    .asString()
                    .equals("failed"));
        assertEquals("good", given.api.page(app.url()).expect(200).text());
      }
    }
  }

  @Test
  void aPreviewAnswersWithoutACallToExposeIt() {
    try (Sandbox sandbox = given.aSandbox().running().serving(9000, "direct")) {
      String domain = given.api.get(sandbox.at("")).string("preview_domain");
      String url = "http://9000-" + sandbox.slug() + ".sandbox." + domain + "/";
      assertEquals("direct", given.api.page(url).expect(200).text());
    }
  }
}

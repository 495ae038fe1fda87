package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real applications, made from their own registries inside a sandbox, previewed and published. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class AppsScenarioTest {
  private final Given given = new Given();

  @Test
  void aViteReactAppIsBuiltPreviewedAndPublished() {
    try (Sandbox sandbox = given.aSandbox().with("size", "small").running()) {
      Sandbox.Result made =
          sandbox.exec(
              "npm create -y vite@latest app -- --template react --no-interactive < /dev/null && cd app"
                  + " && npm install --no-audit --no-fund && npm run build",
              110);
      assertTrue(made.exitCode() == 0, made::toString);
      given
          .api
          .post(
              sandbox.at("/processes"),
              Map.of(
                  "command", "npm run dev -- --host 0.0.0.0 --port 5173", "cwd", "/workspace/app"))
          .expect(201);
      String url = sandbox.url(5173);
      Given.eventually(
          60, "the development server answers", () -> given.api.page(url).status() == 200);
      try (Deployment site =
          given.published(sandbox, Map.of("output_path", "/workspace/app/dist"))) {
        assertTrue(given.api.page(site.url()).expect(200).text().contains("<div id=\"root\">"));
      }
    }
  }

  @Test
  void aFastApiAppIsInstalledPreviewedAndPublished() {
    try (Sandbox sandbox = given.aSandbox().with("size", "small").running()) {
      sandbox
          .withFile("/workspace/main.py", Samples.FASTAPI)
          .withFile("/workspace/requirements.txt", "fastapi\nuvicorn\n");
      Sandbox.Result installed = sandbox.exec("pip install -q -r requirements.txt", 110);
      assertTrue(installed.exitCode() == 0, installed::toString);
      given
          .api
          .post(
              sandbox.at("/processes"),
              Map.of("command", "uvicorn main:app --host 0.0.0.0 --port 8000"))
          .expect(201);
      String url = sandbox.url(8000);
      Given.eventually(60, "uvicorn answers", () -> given.api.page(url).status() == 200);
      try (Deployment app = given.published(sandbox, Map.of())) {
        assertTrue(given.api.page(app.url()).expect(200).text().contains("fastapi"));
      }
    }
  }
}

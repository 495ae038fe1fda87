package com.atoll.server.deployments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final class Files implements Source {
    final Map<String, String> files = new TreeMap<>();
    final List<Listener> listeners = new ArrayList<>();

    Files with(String path, String text) {
      files.put("/workspace/" + path, text);
      return this;
    }

    Files listening(int port, String folder, String... words) {
      listeners.add(new Listener(port, List.of(words), folder));
      return this;
    }

    @Override
    public boolean isDirectory(String path) {
      return path.equals("/workspace")
          || files.keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
    }

    @Override
    public boolean isFile(String path) {
      return files.containsKey(path);
    }

    @Override
    public @Nullable String read(String path) {
      return files.get(path);
    }

    @Override
    public List<String> directories(String path) {
      return files.keySet().stream()
          .filter(name -> name.startsWith(path + "/"))
          .map(name -> name.substring(path.length() + 1))
          .filter(name -> name.contains("/"))
          .map(name -> name.substring(0, name.indexOf('/')))
          .distinct()
          .toList();
    }

    @Override
    public List<Listener> listeners() {
      return listeners;
    }
  }

  private static final PublishInput AUTO =
      new PublishInput("auto", "production", null, null, null, null, null, null);

  private static PublishInput output(String path) {
    return new PublishInput("auto", "production", path, null, null, null, null, null);
  }

  private static Plan plan(Files files) {
    return new Planner(files, AUTO).plan();
  }

  @Test
  void anIndexFileInTheGivenFolderMakesItStatic() {
    Files files = new Files().with("site/index.html", "x");
    assertEquals(
        Plan.files("/workspace/site", "index.html"),
        new Planner(files, output("/workspace/site")).plan());
    assertEquals("/workspace/site", new Planner(files, output("site")).plan().folder());
  }

  @Test
  void aBuiltFolderIsFoundAlsoInTheOneProjectBelow() {
    assertEquals(
        "/workspace/dist",
        plan(new Files().with("package.json", "{}").with("dist/index.html", "x")).folder());
    assertEquals(
        "/workspace/app/dist",
        plan(new Files().with("app/package.json", "{}").with("app/dist/index.html", "x")).folder());
  }

  @Test
  void publicBesideAStartScriptBelongsToTheServer() {
    Plan plan =
        plan(
            new Files()
                .with("package.json", "{\"scripts\":{\"start\":\"node server.js\"}}")
                .with("public/index.html", "x"));
    assertEquals(Kind.DYNAMIC, plan.kind());
    assertEquals("npm start", plan.command());
    assertEquals(3000, plan.port());
  }

  @Test
  void aPlainPageIsStaticAlsoWhileSomethingServesItInTheSandbox() {
    Plan plan =
        plan(
            new Files()
                .with("index.html", "x")
                .listening(8000, "/workspace", "python3", "-m", "http.server", "8000"));
    assertEquals(Plan.files("/workspace", "index.html"), plan);
  }

  @Test
  void whatListensInTheSandboxIsStartedAgain() {
    Plan plan =
        plan(
            new Files()
                .with("api/main.py", "app = FastAPI()")
                .listening(
                    8123,
                    "/workspace/api",
                    "/usr/bin/python3",
                    "-m",
                    "uvicorn",
                    "main:app",
                    "--reload",
                    "--port",
                    "8123"));
    assertEquals("/workspace/api", plan.folder());
    assertEquals("/usr/bin/python3 -m uvicorn main:app --port 8123", plan.command());
    assertEquals(8123, plan.port());
  }

  @Test
  void aProgramThatChangedItsTitleIsStartedByItsFiles() {
    Plan plan =
        plan(
            new Files()
                .with("package.json", "{\"scripts\":{\"start\":\"next start\"}}")
                .listening(3001, "/workspace", "next-server (v15)"));
    assertEquals("npm start", plan.command());
    assertEquals(3001, plan.port());
  }

  @Test
  void pythonAppsAreRecognized() {
    Plan fast =
        plan(
            new Files()
                .with("main.py", "from fastapi import FastAPI\napi = FastAPI(title=\"x\")\n"));
    assertEquals("python3 -m uvicorn main:api --host 0.0.0.0 --port $PORT", fast.command());
    assertEquals(8000, fast.port());
    Plan own =
        plan(
            new Files()
                .with(".venv/pyvenv.cfg", "")
                .with("app.py", "app.run(host='0.0.0.0', port=5050)"));
    assertEquals(".venv/bin/python app.py", own.command());
    assertEquals(5050, own.port());
  }

  @Test
  void whatIsGivenWins() {
    PublishInput given =
        new PublishInput(
            "auto", "production", null, null, null, "node x.js --port 9000", null, "/up");
    Plan plan = new Planner(new Files().with("dist/index.html", "x"), given).plan();
    assertEquals(Plan.process("/workspace", "node x.js --port 9000", 9000, "/up"), plan);
  }

  @Test
  void nothingToStartSaysWhatIsMissing() {
    assertEquals(
        "run_command",
        assertThrows(AtollException.class, () -> plan(new Files()))
            .errors()
            .keySet()
            .iterator()
            .next());
    assertThrows(
        AtollException.class,
        () -> new Planner(new Files(), output("/workspace/../etc/nothing")).plan());
  }

  @Test
  void newLinesAreThoseBehindWhatWasSeen() {
    assertEquals(List.of("c"), Logs.after(List.of("a", "b"), List.of("a", "b", "c")));
    assertEquals(List.of(), Logs.after(List.of("a", "b"), List.of("a", "b")));
    assertEquals(List.of("x"), Logs.after(List.of("a", "b"), List.of("x")));
  }
}

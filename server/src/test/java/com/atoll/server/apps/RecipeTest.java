package com.atoll.server.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.sandboxes.TemplateApp;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecipeTest {
  @Test
  void filesSayHowAnAppIsStarted() {
    assertEquals(
        new Recipe("npm install", "npm run dev"),
        Recipe.of(
            Set.of("package.json"),
            Optional.of("{\"scripts\":{\"dev\":\"vite\",\"start\":\"x\"}}")));
    assertEquals(
        new Recipe("pnpm install", "pnpm run start"),
        Recipe.of(
            Set.of("package.json", "pnpm-lock.yaml"),
            Optional.of("{\"scripts\":{\"start\":\"x\"}}")));
    assertEquals(
        new Recipe("python3 -m pip install -r requirements.txt", "python3 main.py"),
        Recipe.of(Set.of("requirements.txt", "main.py"), Optional.empty()));
    assertEquals(
        new Recipe(null, "python3 -m http.server \"$PORT\""),
        Recipe.of(Set.of("index.html"), Optional.empty()));
    assertEquals(new Recipe(null, null), Recipe.of(Set.of(), Optional.empty()));
    assertEquals(new Recipe(null, null), Recipe.of(Set.of("package.json"), Optional.of("{")));
  }

  @Test
  void aTemplateSaysHowItsOwnAppIsInstalledAndStarted() {
    Recipe files = new Recipe("npm install", "npm run dev");
    TemplateApp go = app("go build -o app .", "exec ./app");
    assertEquals(new Recipe("go build -o app .", "exec ./app"), files.of(go, true));
    assertEquals(new Recipe("npm install", "exec ./app"), files.of(go, false));
    assertEquals(new Recipe("npm install", "exec ./app"), files.of(app(null, "exec ./app"), true));
    assertEquals(files, files.of(TemplateApp.usual(), false));
  }

  private static TemplateApp app(@Nullable String install, @Nullable String start) {
    return new TemplateApp(install, start, null, "/workspace", "root", List.of());
  }
}

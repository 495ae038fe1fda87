package com.atoll.server.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.util.Optional;
import java.util.Set;
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
  void probesAreReadAndChecked() {
    assertEquals(new Readiness.Listens(80), Readiness.of(null, 80, null));
    Start.Probe http = new Start.Probe("http", "http://localhost:81/up?x=1", null, null, null, 5);
    assertEquals(new Readiness.Answers(81, "/up?x=1"), Readiness.of(http, 80, null));
    Start.Probe luck = new Start.Probe("luck", null, null, null, null, null);
    assertThrows(AtollException.class, () -> Readiness.of(luck, 80, null));
    Start.Probe nothing = new Start.Probe("command", null, null, null, " ", null);
    assertThrows(AtollException.class, () -> Readiness.of(nothing, 80, null));
  }
}

package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.atoll.node.images.Action;
import com.atoll.node.images.Image;
import com.atoll.node.images.Recipe;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a step is known by, and which steps there are. */
class StepTest {
  private static final Path NOWHERE = Path.of("/nonexistent");
  private static final Image BASE =
      new Image("base", "digest", NOWHERE, List.of(), 0, 0, Map.of(), false);

  private static List<Step> steps(
      Map<String, String> env, String workdir, String user, Action... actions) {
    Recipe recipe =
        new Recipe("base", List.of(), Arrays.asList(actions), env, workdir, user, "", "", 0);
    return Step.of(recipe, BASE, "scope", NOWHERE, "files", name -> name);
  }

  private static String key(Map<String, String> env) {
    return steps(env, "/srv", "root", Action.of("true")).getLast().key();
  }

  private static List<String> titles(String workdir, Action... actions) {
    return steps(Map.of(), workdir, "dev", actions).stream().map(Step::title).toList();
  }

  @Test
  void variablesThatPrintTheSameAreNotTheSame() {
    assertNotEquals(key(Map.of("A", "1, B=2")), key(Map.of("A", "1", "B", "2")));
    assertNotEquals(key(Map.of("A", "B", "C", "D")), key(Map.of("A", "B=C", "D", "")));
    assertEquals(key(Map.of("A", "1", "B", "2")), key(Map.of("B", "2", "A", "1")));
  }

  @Test
  void theFolderOfTheAppIsAStepUnlessOneRunsThere() {
    Action elsewhere = new Action("true", "", "/x", Map.of(), false, null);
    assertEquals(List.of("WORKDIR /srv"), titles("/srv"));
    assertEquals(List.of("RUN true", "WORKDIR /srv"), titles("/srv", elsewhere));
    assertEquals(List.of("RUN true"), titles("/srv", Action.of("true")));
    assertEquals(List.of("RUN true"), titles("/", elsewhere));
    assertEquals(List.of("RUN true", "WORKDIR /workspace"), titles("/workspace", elsewhere));
    assertEquals(List.of(), titles("/workspace"));
    assertEquals(List.of(), titles("/"));
  }

  @Test
  void theFolderOfTheAppIsKnownByItsPathAndItsOwner() {
    String key = steps(Map.of(), "/srv", "root").getLast().key();
    assertNotEquals(key, steps(Map.of(), "/srv", "dev").getLast().key());
    assertNotEquals(key, steps(Map.of(), "/srv2", "root").getLast().key());
  }

  @Test
  void aFolderOfAnyNameIsOneWord() {
    Step step = steps(Map.of(), "/it's $HOME", "root").getLast();
    String name = "'/it'\\''s $HOME'";
    assertEquals(
        "[ -d " + name + " ] || { mkdir -p -- " + name + " && chown -- 'root' " + name + "; }",
        step.line());
    assertEquals("/", step.workdir());
    assertEquals("root", step.user());
  }
}

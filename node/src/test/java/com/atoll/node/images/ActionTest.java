package com.atoll.node.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class ActionTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void aRecipeIsReadAsItWasWrittenAndAsEarlierReleasesWroteIt() {
    Action copy =
        new Action(
            "",
            "app",
            "/srv",
            Map.of("A", "1"),
            true,
            new Action.Copy("abc", "src", "/srv/", "app:app", "0644"));
    Recipe recipe =
        new Recipe(
            "blank",
            List.of(),
            List.of(Action.of("true"), copy),
            Map.of(),
            "/workspace",
            "root",
            "",
            "",
            0);
    String text = JSON.writeValueAsString(recipe);
    assertEquals(recipe, JSON.readValue(text, Recipe.class));
    String old = text.replaceFirst("\"steps\":\\[.*\\],\"env\"", "\"steps\":[\"true\"],\"env\"");
    assertEquals(List.of(Action.of("true")), JSON.readValue(old, Recipe.class).steps());
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Folders that hold more than one answer does. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ListingScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
    sandbox.run("mkdir -p many few/a/b && cd many && seq -f %05g 10500 | xargs touch");
    sandbox.run("cd few && touch a/b/c a/z $'a\\xff' $'b\\xff' && mkdir c");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  private JsonNode get(String path) {
    return given.api.get(sandbox.at(path)).expect(200).json();
  }

  private List<String> pages(String query) {
    List<String> paths = new ArrayList<>();
    String cursor = "";
    for (int page = 0; page < 100; page++) {
      JsonNode listed = get("/files?" + query + "&cursor=" + cursor);
      listed.path("entries").forEach(entry -> paths.add(entry.path("path").asString()));
      assertEquals(listed.path("truncated").asBoolean(), !listed.path("next_cursor").isNull());
      if (listed.path("next_cursor").isNull()) {
        return paths;
      }
      cursor = listed.path("next_cursor").asString();
    }
    throw new AssertionError("no last page: " + paths);
  }

  @Test
  void everyEntryOfALargeFolderIsOnSomePage() {
    JsonNode first = get("/files/list?path=many");
    assertEquals(10_000, first.path("entries").size());
    assertTrue(first.path("truncated").asBoolean());
    List<String> all = pages("path=many");
    assertEquals(10_500, all.size());
    assertEquals(10_500, all.stream().distinct().count());
    assertEquals("/workspace/many/10500", all.getLast());
  }

  @Test
  void aLinkIsLookedAtItselfUnlessWhatItLeadsToIsAskedFor() {
    sandbox.run("mkdir -p links/folder && cd links && touch file && chmod 600 file");
    sandbox.run("cd links && ln -s file to-file && ln -s folder to-folder && ln -s no nowhere");
    Map<String, Object> file = Map.of("path", "links/to-file", "follow", true);
    JsonNode followed = given.api.post(sandbox.at("/fs/stat"), file).expect(200).json();
    assertEquals(
        "file 0600", followed.path("type").asString() + " " + followed.path("mode").asString());
    assertTrue(get("/fs/stat?follow=true&path=links/to-folder").path("is_dir").asBoolean());
    assertTrue(get("/fs/stat?path=links/to-folder").path("is_symlink").asBoolean());
    given
        .api
        .get(sandbox.at("/fs/stat?follow=true&path=links/nowhere"))
        .expectError(404, "FILE_NOT_FOUND");
  }

  @Test
  void pagesOfAnySizeAreTogetherTheWholeOfATree() {
    List<String> whole = pages("path=few&depth=9");
    assertEquals(7, whole.size(), whole::toString);
    for (int limit : new int[] {1, 2, 3, 6, 7}) {
      assertEquals(whole, pages("path=few&depth=9&limit=" + limit));
    }
  }

  @Test
  void aTreeSaysWhetherItIsWhole() {
    JsonNode whole = get("/files/tree?path=few&depth=9");
    assertFalse(whole.path("truncated").asBoolean(true));
    assertFalse(whole.path("children").path(0).has("truncated"));
    assertTrue(get("/files/tree?path=many").path("truncated").asBoolean(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%2e%2e", "a b", "AAAAA", "%00"})
  void aCursorThatNoPageGaveIsRefused(String cursor) {
    Reply reply = given.api.get(sandbox.at("/files?path=few&cursor=" + cursor.replace(" ", "+")));
    assertTrue(reply.status() == 400 || reply.status() == 422, reply::toString);
  }
}

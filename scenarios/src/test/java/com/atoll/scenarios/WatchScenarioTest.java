package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whoever watches a folder misses nothing while he is away, nor when the folder is. */
@Tag("fast")
@Tag("all")
final class WatchScenarioTest {
  private static final String FOLDER = "/workspace/app";

  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeEach
  void create() {
    sandbox = given.aSandbox().running();
    sandbox.run("mkdir -p " + FOLDER);
  }

  @AfterEach
  void destroy() {
    sandbox.close();
  }

  @Test
  void whatChangedWhileNobodyListenedIsToldOnceToWhoeverComesBack() {
    String start = start(watch());
    sandbox.run("mkdir " + FOLDER + "/0");
    List<Frames.Frame> first = read(start, 1);
    assertEquals(List.of("created /0"), told(first));
    sandbox.run("cd " + FOLDER + " && for i in $(seq 20); do mkdir $i; done; rmdir 7");
    List<String> missed = IntStream.rangeClosed(1, 20).mapToObj(i -> "created /" + i).toList();
    List<Frames.Frame> rest = read(first.getLast().id(), 21);
    assertEquals(missed, told(rest.subList(0, 20)));
    assertEquals(List.of("deleted /7"), told(rest.subList(20, 21)));
    assertEquals(told(rest.subList(5, 21)), told(read(rest.get(4).id(), 16)));
    assertEquals(rest.get(20).id(), start(watch()));
    assertEquals(
        told(rest), told(query("&last_event_id=" + first.getLast().id(), 21)), "by the query");
  }

  @Test
  void aKilledServerTakesNoChangeAlong() {
    String start = start(watch());
    sandbox.run("mkdir " + FOLDER + "/before");
    List<Frames.Frame> first = read(start, 1);
    sandbox.run("(sleep 1; mkdir " + FOLDER + "/between) > /dev/null 2>&1 &");
    Host.of(given.target).kill("server");
    Given.eventually(60, "the API answers", () -> given.api.get(sandbox.at("")).status() == 200);
    List<Frames.Frame> missed = read(first.getLast().id(), 1);
    assertEquals(List.of("created /between"), told(missed));
    sandbox.run("mkdir " + FOLDER + "/after");
    assertEquals(List.of("created /after"), told(read(missed.getLast().id(), 1)));
  }

  @Test
  void aCursorThatNobodyKnowsIsAnOverflowAndTheStreamGoesOn() {
    String start = start(watch());
    for (String unknown : List.of("0123456789abcdef:1", start.replace(":0", ":9"))) {
      List<Frames.Frame> frames = read(unknown, 1);
      assertEquals("overflow", frames.getFirst().type());
      sandbox.run("mkdir " + FOLDER + "/a && rmdir " + FOLDER + "/a");
      assertEquals(List.of("created /a", "deleted /a"), told(read(frames.getFirst().id(), 2)));
    }
    sandbox.run("mkdir /workspace/other");
    String other = sandbox.at("/files/watch?path=/workspace/other");
    List<Frames.Frame> elsewhere =
        Frames.read(given.api, "GET", other, Map.of(), start, 1, frame -> false);
    assertEquals("overflow", elsewhere.getFirst().type());
    for (String unreadable : List.of("x", "%20", start + "x", "1:1")) {
      Reply refused =
          given.api.get(watch() + "&last_event_id=" + unreadable).expectError(400, "INVALID_PARAM");
      assertTrue(refused.text().contains("last_event_id"), refused::toString);
    }
  }

  @Test
  void aFolderThatIsRemovedAndMadeAgainIsStillWatched() {
    sandbox.run("mkdir " + FOLDER + "/old");
    String start = start(watch());
    sandbox.run(
        "cd /workspace && rm -rf app && mkdir /tmp/new && echo 1 > /tmp/new/file && mv /tmp/new app"
            + " && echo 2 > app/last");
    List<Frames.Frame> frames =
        Frames.read(
            given.api,
            "GET",
            watch(),
            Map.of(),
            start,
            100,
            frame -> frame.data().path("path").asString("").endsWith("/last"));
    List<String> told = told(frames);
    assertEquals(
        List.of("deleted /old", "deleted ", "created ", "created /file"), told.subList(0, 4));
    assertTrue(frames.get(1).data().path("is_dir").asBoolean());
    assertFalse(told.contains("overflow "), told::toString);
  }

  private String watch() {
    return sandbox.at("/files/watch?path=" + FOLDER);
  }

  private List<Frames.Frame> read(String after, int count) {
    return Frames.read(given.api, "GET", watch(), Map.of(), after, count, frame -> false);
  }

  private List<Frames.Frame> query(String more, int count) {
    return Frames.read(given.api, "GET", watch() + more, Map.of(), "", count, frame -> false);
  }

  /** The id that a stream names before its first event. */
  private String start(String path) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                given.api.open("GET", path, Map.of("Accept", "text/event-stream")).body(),
                StandardCharsets.UTF_8))) {
      String line = in.readLine();
      while (line != null && !line.startsWith("id: ")) {
        line = in.readLine();
      }
      assertTrue(line != null, "the stream ended");
      return line.substring(4);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static List<String> told(List<Frames.Frame> frames) {
    return frames.stream()
        .map(frame ->
            frame.type() + " " + frame.data().path("path").asString("").replace(FOLDER, ""))
        .toList();
  }
}

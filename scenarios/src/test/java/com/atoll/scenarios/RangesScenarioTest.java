package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Parts of files: what is asked for and is there is sent, and a refusal says how much there is. */
@Tag("fast")
@Tag("all")
final class RangesScenarioTest {
  private static final String TEN = "0123456789";

  private final Given given = new Given();

  private Reply part(String path, String range) {
    return given.api.send("GET", path, BodyPublishers.noBody(), Map.of("Range", range));
  }

  @Test
  void aDownloadSendsThePartThatIsAskedForAndRefusesWhatIsNotThere() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.withFile("/workspace/ten", TEN).withFile("/workspace/none", "");
      for (String route : ways(sandbox, "ten")) {
        sends(route, "bytes=2-4", "234", "bytes 2-4/10");
        sends(route, "bytes=7-", "789", "bytes 7-9/10");
        sends(route, "bytes=-3", "789", "bytes 7-9/10");
        sends(route, "bytes=0-99", TEN, "bytes 0-9/10");
        for (String beyond :
            List.of("bytes=10-", "bytes=10-12", "bytes=999999999999-", "bytes=-0")) {
          refuses(route, beyond, 10);
        }
        // What is no range of bytes, or more than one, means all of it.
        for (String other :
            List.of("bytes=4-2", "lines=1-2", "bytes=0-1,3-4", "bytes=-", "bytes=")) {
          Reply whole = part(route, other).expect(200);
          assertEquals(TEN, whole.text(), other);
          assertEquals("", whole.header("content-range"), other);
        }
      }
      for (String route : ways(sandbox, "none")) {
        refuses(route, "bytes=0-", 0);
        refuses(route, "bytes=-1", 0);
        assertEquals("", part(route, "bytes=1").expect(200).text());
      }
    }
  }

  @Test
  void aPartIsSentOnlyOfTheFileThatTheOthersWereOf() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.withFile("/workspace/ten", TEN);
      String tag = given.api.get(sandbox.at("/files/read?path=ten")).expect(200).header("etag");
      assertTrue(tag.matches("\"[0-9a-f-]+-a\""), tag);
      for (String route : ways(sandbox, "ten")) {
        assertEquals(tag, part(route, "bytes=2-4").expect(206).header("etag"), route);
        assertEquals("234", partIf(route, tag).expect(206).text(), route);
        assertEquals(TEN, partIf(route, "\"other\"").expect(200).text(), route);
        assertEquals(TEN, partIf(route, "W/" + tag).expect(200).text(), route);
      }
      sandbox.withFile("/workspace/ten", "another one");
      Reply whole = partIf(sandbox.at("/files/read?path=ten"), tag).expect(200);
      assertEquals("another one", whole.text());
      assertNotEquals(tag, whole.header("etag"));
    }
  }

  @Test
  void aFileOfTheSameSizeAndTimeIsAnotherOne() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String writing = "cd /workspace; printf %s > next; touch -d @1000000 next; mv next it";
      sandbox.run(writing.formatted("AAAA"));
      String old = given.api.get(sandbox.at("/files/read?path=it")).expect(200).header("etag");
      sandbox.run(writing.formatted("BBBB"));
      for (String route : ways(sandbox, "it")) {
        Reply whole = partIf(route, old).expect(200);
        assertEquals("BBBB", whole.text(), route);
        String tag = whole.header("etag");
        assertNotEquals(old, tag, route);
        assertEquals("BB", partIf(route, tag).expect(206).text(), route);
        assertEquals("BBBB", unless(route, old).expect(200).text(), route);
        Reply known = unless(route, "\"other\", " + tag).expect(304);
        assertEquals("", known.text(), route);
        assertEquals(tag, known.header("etag"), route);
      }
    }
  }

  private Reply unless(String path, String tags) {
    return given.api.send("GET", path, BodyPublishers.noBody(), Map.of("If-None-Match", tags));
  }

  private Reply partIf(String path, String tag) {
    Map<String, String> headers = Map.of("Range", "bytes=2-4", "If-Range", tag);
    return given.api.send("GET", path, BodyPublishers.noBody(), headers);
  }

  @Test
  void aFileThatIsReplacedMeanwhileIsSentAsOneOfItsVersions() {
    String replacing =
        """
        cd /workspace
        printf 's%.0s' $(seq 1000) > short; printf 'l%.0s' $(seq 70000) > long
        cp short it
        nohup sh -c 'for i in $(seq 4000); do cp long a; mv a it; cp short b; mv b it; done' >/dev/null 2>&1 &
        """;
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.run(replacing);
      for (int i = 0; i < 100; i++) {
        String text = part(sandbox.at("/files/read?path=it"), "bytes=").expect(200).text();
        String other = text.startsWith("l") ? "l".repeat(70_000) : "s".repeat(1000);
        assertEquals(other, text);
      }
    }
  }

  private static List<String> ways(Sandbox sandbox, String name) {
    return List.of(
        sandbox.at("/fs/download?path=/workspace/" + name),
        sandbox.at("/files/read?path=" + name),
        sandbox.at("/files/workspace/" + name),
        sandbox.at("/exports/download?path=/workspace/" + name));
  }

  private void sends(String route, String range, String bytes, String contentRange) {
    Reply reply = part(route, range).expect(206);
    assertEquals(bytes, reply.text(), route + " " + range);
    assertEquals(contentRange, reply.header("content-range"), route + " " + range);
    assertEquals("" + bytes.length(), reply.header("content-length"), route + " " + range);
  }

  private void refuses(String route, String range, int size) {
    Reply reply = part(route, range).expectError(416, "RANGE_NOT_SATISFIABLE");
    assertEquals("bytes */" + size, reply.header("content-range"), route + " " + range);
  }
}

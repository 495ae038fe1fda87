package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
  private static final String HOST = "shop.acme.localhost";
  private EdgeHarness edge;
  private Path root;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    root = edge.release("rel_1");
    Files.writeString(root.resolve("index.html"), "<h1>home</h1>");
    Files.writeString(root.resolve("about.html"), "about");
    Files.createDirectories(root.resolve("docs"));
    Files.writeString(root.resolve("docs/index.html"), "docs");
    Files.writeString(root.resolve("app.js"), "let x = 1;\n".repeat(500));
    Files.writeString(root.resolve("ü.txt"), "umlaut");
    Files.writeString(root.resolve(".env"), "SECRET=1");
    Files.createDirectories(root.resolve(".well-known"));
    Files.writeString(root.resolve(".well-known/a.txt"), "known");
    Files.writeString(edge.home.resolve("outside.txt"), "secret");
    Files.createSymbolicLink(root.resolve("out.txt"), edge.home.resolve("outside.txt"));
    Files.createSymbolicLink(root.resolve("etc"), Path.of("/etc"));
    Files.createSymbolicLink(root.resolve("inside.txt"), Path.of("about.html"));
    edge.feed.route(route("rel_1"));
  }

  private static String route(String exportId) {
    return """
    {"key":"deployment/dep_1","kind":"static","hosts":["shop.acme.localhost"],"deployment_id":"dep_1",\
    "export_id":"%s","entrypoint":"index.html","version_id":"v"}\
    """
        .formatted(exportId);
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
  }

  private static String header(String answer, String name) {
    var found =
        Pattern.compile("(?im)^" + name + ": ([^\\r\\n]*)")
            .matcher(answer.substring(0, answer.indexOf("\r\n\r\n")));
    return found.find() ? found.group(1) : "";
  }

  @ParameterizedTest
  @CsvSource({
    "/,200,<h1>home</h1>,text/html; charset=utf-8",
    "/about,200,about,text/html; charset=utf-8",
    "/about.html?x=1,200,about,text/html; charset=utf-8",
    "/docs/,200,docs,text/html; charset=utf-8",
    "/%C3%BC.txt,200,umlaut,text/plain; charset=utf-8",
    "/inside.txt,200,about,text/plain; charset=utf-8",
    "/.well-known/a.txt,200,known,text/plain; charset=utf-8"
  })
  void filesAreServedWithTheirTypes(String path, int status, String body, String type)
      throws Exception {
    String answer = edge.get(HOST, path);
    assertEquals(status, EdgeHarness.status(answer));
    assertEquals(body, EdgeHarness.body(answer));
    assertEquals(type, header(answer, "content-type"));
    assertEquals("nosniff", header(answer, "x-content-type-options"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/docs/../../outside.txt",
        "/docs/..%5c..%5coutside.txt",
        "/.env",
        "/out.txt",
        "/etc/passwd",
        "//etc/passwd",
        "/%00",
        "/index.html%00.js",
        "/a%",
        "/missing.js"
      })
  void nothingElseIsServed(String path) throws Exception {
    String answer = edge.get(HOST, path);
    assertEquals(404, EdgeHarness.status(answer), answer);
    assertFalse(answer.contains("secret") || answer.contains("SECRET"), answer);
  }

  @Test
  void pagesOfAnApplicationAreItsEntrypoint() throws Exception {
    assertEquals("<h1>home</h1>", EdgeHarness.body(edge.get(HOST, "/cart/7", "Accept: text/html")));
    assertEquals(404, EdgeHarness.status(edge.get(HOST, "/cart/7", "Accept: application/json")));
    assertEquals(404, EdgeHarness.status(edge.get(HOST, "/cart.css", "Accept: text/html")));
  }

  @Test
  void aFolderIsShownAtItsOwnAddress() throws Exception {
    String answer = edge.get(HOST, "/docs?a=b");
    assertEquals(301, EdgeHarness.status(answer));
    assertEquals("/docs/?a=b", header(answer, "location"));
  }

  @Test
  void whatTheClientHasIsNotSentAgain() throws Exception {
    String first = edge.get(HOST, "/about.html");
    String tag = header(first, "etag");
    assertTrue(tag.matches("\"[0-9a-f-]+\""), tag);
    String second = edge.get(HOST, "/about.html", "If-None-Match: \"x\", W/" + tag);
    assertEquals(304, EdgeHarness.status(second));
    assertEquals("", EdgeHarness.body(second));
    assertEquals(tag, header(second, "etag"));
    String since = "If-Modified-Since: " + header(first, "last-modified");
    assertEquals(304, EdgeHarness.status(edge.get(HOST, "/about.html", since)));
    assertEquals(412, EdgeHarness.status(edge.get(HOST, "/about.html", "If-Match: \"x\"")));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-1,206,ab,bytes 0-1/5",
    "bytes=3-,206,ut,bytes 3-4/5",
    "bytes=-2,206,ut,bytes 3-4/5",
    "bytes=0-999,206,about,bytes 0-4/5",
    "bytes=9-,416,,bytes */5",
    "bytes=2-1,200,about,''",
    "lines=1-2,200,about,''",
    "bytes=x,200,about,''"
  })
  void rangesAreServed(String range, int status, String body, String contentRange)
      throws Exception {
    String answer = edge.get(HOST, "/about.html", "Range: " + range);
    assertEquals(status, EdgeHarness.status(answer));
    assertEquals(contentRange, header(answer, "content-range"));
    if (body != null) {
      assertEquals(body, EdgeHarness.body(answer));
    }
  }

  @Test
  void aRangeOfAnotherVersionIsTheWholeFile() throws Exception {
    assertEquals(
        200,
        EdgeHarness.status(
            edge.get(HOST, "/about.html", "Range: bytes=0-1", "If-Range: \"other\"")));
  }

  @Test
  void textIsCompressedForThoseWhoTakeIt() throws Exception {
    for (int i = 0; i < 2; i++) {
      String answer = edge.get(HOST, "/app.js", "Accept-Encoding: gzip, br");
      assertEquals("gzip", header(answer, "content-encoding"));
      assertEquals("Accept-Encoding", header(answer, "vary"));
      byte[] body = EdgeHarness.body(answer).getBytes(StandardCharsets.ISO_8859_1);
      assertArrayEquals(
          Files.readAllBytes(root.resolve("app.js")),
          new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes());
    }
    assertEquals(
        "", header(edge.get(HOST, "/app.js", "Accept-Encoding: gzip;q=0"), "content-encoding"));
    Files.writeString(root.resolve("page.css"), "p{}");
    Files.writeString(root.resolve("page.css.br"), "brotli");
    String made = edge.get(HOST, "/page.css", "Accept-Encoding: gzip, br");
    assertEquals("br", header(made, "content-encoding"));
    assertEquals("brotli", EdgeHarness.body(made));
  }

  @Test
  void headHasNoBodyAndOtherMethodsAreNotAllowed() throws Exception {
    String head =
        edge.exchange("HEAD /app.js HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n");
    assertEquals("5500", header(head, "content-length"));
    assertEquals("", EdgeHarness.body(head));
    String post =
        edge.exchange(
            "POST / HTTP/1.1\r\nHost: "
                + HOST
                + "\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
    assertEquals(405, EdgeHarness.status(post));
    assertTrue(header(post, "allow").contains("GET"));
  }

  @Test
  void largeFilesArriveWhole() throws Exception {
    byte[] big = new byte[5 << 20];
    new java.util.Random(4).nextBytes(big);
    Files.write(root.resolve("big.bin"), big);
    String answer = edge.get(HOST, "/big.bin");
    assertArrayEquals(big, EdgeHarness.body(answer).getBytes(StandardCharsets.ISO_8859_1));
    String part = edge.get(HOST, "/big.bin", "Range: bytes=1000000-1999999");
    assertEquals(1_000_000, EdgeHarness.body(part).length());
  }

  @Test
  void aNewReleaseTakesOverAtOnceAndAStoppedSiteSaysSo() throws Exception {
    Files.writeString(edge.release("rel_2").resolve("index.html"), "second");
    edge.feed.route(route("rel_2"));
    assertEquals("second", EdgeHarness.body(edge.get(HOST.toUpperCase(Locale.ROOT), "/")));
    edge.feed.route(
        "{\"key\":\"deployment/dep_1\",\"kind\":\"stopped\",\"hosts\":[\"shop.acme.localhost\"],\"deployment_id\":\"dep_1\"}");
    assertEquals(503, EdgeHarness.status(edge.get(HOST, "/")));
    edge.feed.awaitAck(edge.feed.remove("deployment/dep_1"));
    assertEquals(404, EdgeHarness.status(edge.get(HOST, "/")));
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Temporary links to files, and archives of files in every format. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FileLinksScenarioTest {
  private final Given given = new Given();
  private final Api nobody = new Api(given.target, "");
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
    sandbox.withFile("/workspace/ten", "0123456789");
    sandbox.run(
        "mkdir -p tree/deep && echo one > tree/deep/a && chmod 750 tree/deep/a"
            + " && ln -s deep/a tree/link && head -c 3000000 /dev/zero > tree/zeros");
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  private Reply export(Map<String, Object> body) {
    return given.api.post(sandbox.at("/files/export"), body);
  }

  /** The part of a link that the client of the API is asked for. */
  private static String link(Reply exported) {
    String url = exported.expect(200).string("url");
    assertTrue(url.contains("/api/v1/file-links?"), url);
    return url.substring(url.indexOf("/file-links"));
  }

  private Reply get(String link) {
    return nobody.get(link);
  }

  @Test
  void aLinkSendsTheFileToWhoeverHasIt() {
    Reply exported = export(Map.of("path", "ten"));
    assertTrue(exported.json().path("success").asBoolean());
    Duration lasts = Duration.between(Instant.now(), Instant.parse(exported.string("expires_at")));
    assertTrue(lasts.toMinutes() >= 55 && lasts.toMinutes() <= 61, lasts::toString);
    String link = link(exported);
    Reply sent = get(link).expect(200);
    assertEquals("0123456789", sent.text());
    assertEquals("application/octet-stream", sent.header("content-type"));
    assertTrue(sent.header("content-disposition").startsWith("attachment; filename=\"ten\""));
    Reply part =
        nobody.send("GET", link, BodyPublishers.noBody(), Map.of("Range", "bytes=2-4")).expect(206);
    assertEquals("234", part.text());
    // The other name of the operation does the same.
    link = link(given.api.post(sandbox.at("/fs/export"), Map.of("path", "/workspace/ten")));
    assertEquals("0123456789", get(link).text());
  }

  @Test
  void aLinkToAFolderSendsItAsAnArchive() throws IOException {
    Reply packed = get(link(export(Map.of("path", "tree")))).expect(200);
    assertEquals("application/gzip", packed.header("content-type"));
    assertTrue(packed.header("content-disposition").contains("filename=\"tree.tar.gz\""));
    assertEquals(
        "tree/",
        new String(
            new GZIPInputStream(new ByteArrayInputStream(packed.bytes())).readNBytes(5),
            StandardCharsets.US_ASCII));
    Reply zip = get(link(export(Map.of("path", "tree", "format", "zip")))).expect(200);
    assertEquals("application/zip", zip.header("content-type"));
    assertEquals(
        List.of("tree/", "tree/deep/", "tree/deep/a", "tree/link", "tree/zeros"),
        zipped(zip.bytes()));
  }

  private static List<String> zipped(byte[] zip) throws IOException {
    List<String> names = new ArrayList<>();
    try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry each = entries.getNextEntry(); each != null; each = entries.getNextEntry()) {
        names.add(each.getName());
        var _ = entries.readAllBytes();
      }
    }
    return names;
  }

  @Test
  void aLinkOpensNothingElse() {
    String link = link(export(Map.of("path", "ten")));
    for (String[] change :
        new String[][] {
          {"path=%2Fworkspace%2Ften", "path=%2Fetc%2Fshadow"},
          {"path=%2Fworkspace%2Ften", "path=%2Fworkspace%2F.."},
          {"path=%2Fworkspace%2Ften", "path=%2Fworkspace"},
          {"expires=", "expires=9"},
          {"format=tar.gz", "format=zip"},
          {"key=key_", "key=kex_"},
          {"sandbox=sbx_", "sandbox=sby_"},
          {"signature=", "signature=A"},
          {"signature=", "signature=%00"},
        }) {
      String forged = link.replace(change[0], change[1]);
      assertFalse(forged.equals(link), link);
      Reply refused = get(forged);
      assertTrue(refused.status() == 404 || refused.status() == 400, refused::toString);
    }
    get(link.replace("ten", "zehn")).expectError(404, "NOT_FOUND");
    get(link.replace("expires=", "expires=x")).expectError(404, "NOT_FOUND");
    get(link.replace("&signature=", "&sig=")).expectError(400, "MISSING_PARAM");
    get("/file-links").expect(400);
    // It is no credential.
    nobody
        .withKey(link.substring(link.indexOf("signature=") + 10))
        .get(sandbox.at("/files/list"))
        .expect(401);
  }

  @Test
  void aLinkEnds() {
    String link = link(export(Map.of("path", "ten", "expires_in_sec", 1)));
    Given.eventually(10, "it ends", () -> get(link).status() == 404);
    get(link).expectError(404, "NOT_FOUND");
    String second = Given.unique("key");
    JsonNode key =
        given.api.post("/api-keys", Map.of("name", second)).expect(201).json().path("data");
    String id = key.path("id").asString();
    Api api = given.api.withKey(key.path("key").asString());
    try (Sandbox brief = given.aSandbox().running()) {
      brief.withFile("/workspace/f", "f");
      String path = brief.at("/files/export");
      String ofKey = link(api.post(path, Map.of("path", "f")));
      String ofSandbox = link(given.api.post(path, Map.of("path", "f")));
      assertEquals("f", get(ofKey).expect(200).text());
      given.api.delete("/api-keys/" + id).expect(204);
      get(ofKey).expectError(404, "NOT_FOUND");
      assertEquals("f", get(ofSandbox).expect(200).text());
      brief.run("rm f");
      get(ofSandbox).expectError(404, "FILE_NOT_FOUND");
      given.api.delete(brief.at("")).expect(204);
      get(ofSandbox).expectError(404, "NOT_FOUND");
    }
  }

  @Test
  void aLinkEndsWithTheTokenThatMadeIt() {
    Reply minted =
        given
            .api
            .post(sandbox.at("/browser-token"), Map.of("scopes", List.of("files")))
            .expect(200);
    Api browser = given.api.withKey(minted.string("token"));
    Map<String, String> ten = Map.of("path", "ten");
    String ofToken = link(browser.post(sandbox.at("/files/export"), ten));
    String ofKey = link(export(Map.of("path", "ten")));
    assertEquals("0123456789", get(ofToken).expect(200).text());
    get(ofToken.replaceFirst("key=tok_[^&]*", "key=tok_x")).expectError(404, "NOT_FOUND");
    given.api.delete("/tokens/browser/" + minted.string("id")).expect(204);
    get(ofToken).expectError(404, "NOT_FOUND");
    assertEquals("0123456789", get(ofKey).expect(200).text());
  }

  @Test
  void aPausedSandboxWakesUpForALink() {
    try (Sandbox paused = given.aSandbox().running()) {
      paused.withFile("/workspace/f", "f");
      String link = link(given.api.post(paused.at("/files/export"), Map.of("path", "f")));
      given.api.post(paused.at("/pause"), Map.of()).expect(200);
      assertEquals("f", get(link).expect(200).text());
    }
  }

  @Test
  void aLongPathFitsIntoALink() {
    String folder = "/workspace/" + ("d".repeat(200) + "/").repeat(17);
    sandbox.withFile(folder + "f", "deep");
    assertEquals("deep", get(link(export(Map.of("path", folder + "f")))).expect(200).text());
  }

  @Test
  void aWrongExportSaysWhatIsWrong() {
    export(Map.of("path", "nothing/here")).expectError(404, "FILE_NOT_FOUND");
    export(Map.of()).expectError(400, "INVALID_PATH");
    export(Map.of("path", "../../..")).expectError(400, "INVALID_PATH");
    export(Map.of("path", "a\0b")).expectFieldError("path");
    export(Map.of("path", "ten", "expires_in_sec", 0)).expectFieldError("expires_in_sec");
    export(Map.of("path", "ten", "expires_in_sec", 86_401)).expectFieldError("expires_in_sec");
    export(Map.of("path", "ten", "format", "rar")).expectFieldError("format");
    given.stranger.post(sandbox.at("/files/export"), Map.of("path", "ten")).expect(404);
    nobody.post(sandbox.at("/files/export"), Map.of("path", "ten")).expect(401);
  }

  @Test
  void anExportComesBackInEveryFormat() {
    for (String asked :
        List.of("format=tar", "format=zip", "format=tar.gz", "filename=a.zip", "filename=b.TAR")) {
      Reply archive =
          given.api.get(sandbox.at("/exports/download?path=/workspace/tree&" + asked)).expect(200);
      Reply back =
          given.api.send(
              "POST",
              sandbox.at("/files/import?path=/workspace/back"),
              BodyPublishers.ofByteArray(archive.bytes()),
              Map.of("Content-Type", "application/octet-stream"));
      assertEquals(5, back.expect(201).json().path("entries").asInt(), asked);
      assertEquals("", sandbox.run("diff -r --no-dereference tree back/tree"), asked);
      assertEquals("750", sandbox.run("stat -c %a back/tree/deep/a"), asked);
      sandbox.run("rm -rf back");
    }
  }

  @Test
  void theFormatIsSaidByTheNameOrTheField() throws IOException {
    String download = sandbox.at("/exports/download?path=/workspace/tree");
    Reply usual = given.api.get(download).expect(200);
    assertEquals("application/gzip", usual.header("content-type"));
    assertTrue(usual.header("content-disposition").contains("export.tar.gz"));
    Reply tar = given.api.get(download + "&format=tar").expect(200);
    assertEquals("application/x-tar", tar.header("content-type"));
    assertTrue(tar.header("content-disposition").contains("filename=\"export.tar\""));
    // The field wins over the ending.
    Reply named = given.api.get(download + "&format=tar.gz&filename=x.zip").expect(200);
    assertEquals("application/gzip", named.header("content-type"));
    given.api.get(download + "&format=rar").expectFieldError("format");
    given
        .api
        .post(sandbox.at("/exports"), Map.of("path", "tree", "format", "7z"))
        .expectFieldError("format");
    Reply bundle =
        given.api.post(
            sandbox.at("/exports"), Map.of("paths", List.of("tree", "ten"), "format", "zip"));
    String all = URI.create(bundle.expect(201).string("archive_download_url")).toString();
    Reply zip = given.api.get(all.substring(all.indexOf("/api/v1") + "/api/v1".length()));
    assertTrue(zipped(zip.expect(200).bytes()).containsAll(List.of("ten", "tree/deep/a")));
    sandbox.run("echo a > 'tree/a,b'");
    String comma =
        given
            .api
            .post(sandbox.at("/exports"), Map.of("path", "tree/a,b"))
            .expect(201)
            .string("archive_download_url");
    assertEquals("a\n", given.api.get(comma.substring(comma.indexOf("/sandboxes/"))).text());
    sandbox.run("rm 'tree/a,b'");
    // One file comes as it is, whatever the format.
    assertArrayEquals(
        "0123456789".getBytes(StandardCharsets.US_ASCII),
        given.api.get(sandbox.at("/exports/download?path=ten&format=zip")).expect(200).bytes());
  }

  @Test
  void aTarThatIsCutOffIsRefused() {
    byte[] whole =
        given
            .api
            .get(sandbox.at("/exports/download?path=/workspace/tree/deep&format=tar"))
            .expect(200)
            .bytes();
    for (int cut : List.of(512, 1024, 1536)) {
      Reply refused =
          given.api.send(
              "POST",
              sandbox.at("/files/import?path=/workspace/cut"),
              BodyPublishers.ofByteArray(whole, 0, cut),
              Map.of("Content-Type", "application/x-tar"));
      refused.expectError(422, "VALIDATION_FAILED");
      assertFalse(refused.string("message").isBlank());
    }
    sandbox.run("rm -rf cut");
  }

  @Test
  void theOlderNamesOfFilesDoTheSame() {
    String form =
        """
        --b
        Content-Disposition: form-data; name="path"

        /workspace/old/up
        --b
        Content-Disposition: form-data; name="file"; filename="up"

        sent
        --b--
        """
            .replace("\n", "\r\n");
    Reply up =
        given.api.send(
            "POST",
            sandbox.at("/files/upload"),
            BodyPublishers.ofString(form),
            Map.of("Content-Type", "multipart/form-data; boundary=b"));
    assertEquals(4, up.expect(201).json().path("size").asInt());
    String files = sandbox.at("/files/");
    given.api.post(files + "mkdir", Map.of("path", "old/d", "mode", "0755")).expect(200);
    Map<String, Object> copy = Map.of("from", "old/up", "to", "old/d/copy", "recursive", true);
    given.api.post(files + "copy", copy).expect(200);
    // A copy replaces a file and an empty folder; one with entries only where that is said.
    given.api.post(files + "copy", copy).expect(200);
    sandbox.run("mkdir -p old/full old/empty && echo -n mine > old/full/mine");
    given.api.post(files + "copy", Map.of("from", "old/d", "to", "old/empty")).expect(200);
    for (String work : List.of("copy", "move")) {
      given
          .api
          .post(files + work, Map.of("from", "old/d", "to", "old/full"))
          .expectError(409, "DIRECTORY_NOT_EMPTY");
    }
    assertEquals("mine", sandbox.run("cat old/full/mine"));
    Map<String, Object> over = Map.of("from", "old/d", "to", "old/full", "overwrite", true);
    given.api.post(files + "copy", over).expect(200);
    assertEquals("copy", sandbox.run("ls old/full && rm -r old/full old/empty"));
    given.api.post(files + "rename", Map.of("from", "old/up", "to", "old/up2")).expect(200);
    given.api.post(files + "chmod", Map.of("path", "old/up2", "mode", 384)).expect(200);
    assertEquals("sent", given.api.get(files + "download?path=old/up2").expect(200).text());
    assertEquals("600", sandbox.run("stat -c %a old/up2"));
    Reply listed = given.api.get(files + "readdir?path=old").expect(200);
    assertEquals(2, listed.json().path("entries").size(), listed::toString);
    given.api.post(files + "copy", Map.of("from", "no", "to", "x")).expect(404);
    given.api.post(files + "rename", Map.of("from", "no", "to", "x")).expect(404);
    given.api.post(files + "chmod", Map.of("path", "no", "mode", "0644")).expect(404);
    given.api.get(files + "readdir?path=no").expectError(404, "FILE_NOT_FOUND");
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that come as a form, or as the bytes of a body. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UploadScenarioTest {
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  private Reply upload(String query, String type, String body) {
    return given.api.send(
        "POST",
        sandbox.at("/files/upload" + query),
        BodyPublishers.ofString(body),
        Map.of("Content-Type", type));
  }

  private Reply raw(String query) {
    return upload(query, "application/octet-stream", "#!/bin/sh\n");
  }

  @Test
  void theNameOfAFileDoesNotLeadOutOfItsFolder() {
    for (String name : new String[] {"../../evil", "../evil", "/etc/evil"}) {
      upload(
              "?path=/workspace/updir/",
              "multipart/form-data; boundary=b",
              "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\nx\r\n--b--\r\n"
                  .formatted(name))
          .expect(201);
      assertEquals("x", sandbox.run("cat /workspace/updir/evil; rm /workspace/updir/evil"));
    }
    assertEquals("", sandbox.run("ls -d /evil /workspace/evil /etc/evil 2>/dev/null || true"));
  }

  private Reply form(String query, String... fields) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      body.append("--b\r\nContent-Disposition: form-data; name=\"%s\"".formatted(fields[i]));
      body.append(fields[i].equals("file") ? "; filename=\"sent\"" : "");
      body.append("\r\n\r\n").append(fields[i + 1]).append("\r\n");
    }
    return upload(query, "multipart/form-data; boundary=b", body.append("--b--\r\n").toString());
  }

  private String mode(String path) {
    return sandbox.run("stat -c %a " + path);
  }

  @Test
  void aFormThatBreaksOffWritesNothing() {
    String half =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhalf of it";
    for (String cut : new String[] {half, half + "\r\n--", half + "\r\n"}) {
      Reply refused = upload("?path=/workspace/cut", "multipart/form-data; boundary=b", cut);
      assertEquals(400, refused.status(), refused::toString);
    }
    assertEquals("", sandbox.run("ls -A /workspace | grep -e cut -e tmp || true"));
    assertEquals(
        201,
        form("?path=/workspace/cut", "file", "all of it").status(),
        "the whole one is written");
    assertEquals("all of it", sandbox.run("cat /workspace/cut"));
  }

  @Test
  void anUploadHasTheModeThatIsAskedFor() {
    raw("?path=/workspace/raw.sh&mode=0755").expect(201);
    assertEquals("755", mode("/workspace/raw.sh"));
    raw("?path=/workspace/raw.sh").expect(201);
    assertEquals("755", mode("/workspace/raw.sh"));
    raw("?path=/workspace/plain").expect(201);
    assertEquals("644", mode("/workspace/plain"));
    form("?mode=600", "path", "/workspace/query", "file", "x").expect(201);
    assertEquals("600", mode("/workspace/query"));
    form("?mode=600", "mode", "0o750", "path", "/workspace/field", "file", "x").expect(201);
    assertEquals("750", mode("/workspace/field"));
  }

  @Test
  void whatFollowsTheFileIsHeededOrRefused() {
    form("", "file", "late", "path", "/workspace/late", "mode", "600").expect(201);
    assertEquals("600", mode("/workspace/late"));
    form("?path=/workspace/one", "file", "1", "file", "2").expectFieldError("file");
    form("?path=/workspace/one", "file", "1", "path", "/workspace/two").expectFieldError("path");
    form("", "path", "/workspace/one", "file", "1", "mode", "600").expectFieldError("mode");
    assertEquals("", sandbox.run("ls -A /workspace | grep -e one -e two -e sent || true"));
    raw("?path=/workspace/one&mode=0000").expectFieldError("mode");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9", "rwx", "-1", "77777", "0x1ff", "644;"})
  void aBadModeIsRefusedAndNothingIsWritten(String mode) {
    raw("?path=/workspace/refused&mode=" + mode).expectFieldError("mode");
    form("", "mode", mode, "path", "/workspace/refused", "file", "x").expectFieldError("mode");
    assertEquals(1, sandbox.exec("test -e /workspace/refused").exitCode());
  }

  @Test
  void nobodyLosesAllPermissionsByAnEmptyMode() {
    sandbox.withFile("/workspace/kept", "x");
    for (String empty : new String[] {"\"\"", "null"}) {
      given
          .api
          .send(
              "POST",
              sandbox.at("/files/chmod"),
              BodyPublishers.ofString("{\"path\":\"/workspace/kept\",\"mode\":" + empty + "}"),
              Map.of("Content-Type", "application/json"))
          .expectFieldError("mode");
    }
    assertEquals("644", mode("/workspace/kept"));
  }
}

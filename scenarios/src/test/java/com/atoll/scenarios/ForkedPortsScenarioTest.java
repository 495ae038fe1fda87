package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a sandbox kept to itself its forks do not tell everybody. */
@Tag("fast")
@Tag("all")
@Timeout(180)
final class ForkedPortsScenarioTest {
  private static final int PORT = 8099;

  private final Given given = new Given();

  private Sandbox source() {
    return given
        .aSandbox()
        .with(
            "services",
            List.of(
                Map.of(
                    "name",
                    "web",
                    "command",
                    "cd /workspace/w && exec python3 -m http.server " + PORT,
                    "port",
                    PORT)))
        .with("setup_file", "mkdir -p /workspace/w; echo inside > /workspace/w/index.html")
        .running();
  }

  private String url(Sandbox sandbox) {
    return given
        .api
        .get(sandbox.at(""))
        .string("preview_url")
        .replaceFirst("//[0-9]+-", "//" + PORT + "-");
  }

  private Reply preview(Sandbox sandbox) {
    return given
        .api
        .post(sandbox.at("/previews"), Map.of("port", PORT, "visibility", "private"))
        .expect(201);
  }

  private Sandbox made(String path) {
    Reply made = given.api.post(path, Map.of()).expect(201);
    return new Sandbox(given.api, made.string("id"), made.string("slug"));
  }

  /** It wants a token until somebody opens it here. */
  private void withheld(Sandbox fork) {
    String url = url(fork);
    assertEquals(401, given.api.page(url).status());
    String token = given.api.post(fork.at("/preview-token"), Map.of()).expect(200).string("token");
    fork.run(
        "for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:%d && exit 0; sleep 0.05; done; exit 1"
            .formatted(PORT));
    assertEquals("inside\n", given.api.page(url + "?preview_token=" + token).expect(200).text());
    assertEquals(401, given.api.page(url).status());
    given.api.post(fork.at("/expose"), Map.of("port", PORT)).expect(200);
    assertEquals("inside\n", given.api.page(url).expect(200).text());
  }

  @Test
  void aPrivatePortIsNotOpenInWhatBeginsWithItsFiles() {
    try (Sandbox source = source()) {
      preview(source);
      assertEquals(401, given.api.page(url(source)).status());
      String snapshot = given.api.post(source.at("/snapshots"), Map.of()).expect(201).string("id");
      for (String path :
          List.of(
              source.at("/fork"),
              source.at("/restore/" + snapshot),
              "/snapshots/" + snapshot + "/fork")) {
        try (Sandbox fork = made(path)) {
          withheld(fork);
        }
      }
      given.api.delete("/snapshots/" + snapshot).expect(200);
    }
  }

  @Test
  void aClosedPortIsNotOpenThereEither() {
    try (Sandbox source = source()) {
      given.api.delete(source.at("/previews/" + preview(source).string("id"))).expect(204);
      assertEquals(410, given.api.page(url(source)).status());
      try (Sandbox fork = made(source.at("/fork"))) {
        withheld(fork);
      }
    }
  }
}

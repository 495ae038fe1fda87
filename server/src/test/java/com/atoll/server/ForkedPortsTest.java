package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.previews.PreviewsCapability;
import com.atoll.server.sandboxes.Ports;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a sandbox that begins with the files of another takes over of who is let to its ports. */
final class ForkedPortsTest {
  private static final int PRIVATE = 8001;
  private static final int DELETED = 8002;
  private static final int PUBLIC = 8003;
  private static final int EXPOSED = 8004;
  private static final int ENDING = 8005;

  private PlatformWithNode running;
  private ApiClient api;
  private String source;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
    source = made("/sandboxes", "{}");
    preview(source, PRIVATE, "\"visibility\":\"private\"");
    String deleted = preview(source, DELETED, "\"visibility\":\"private\"");
    api.delete("/sandboxes/" + source + "/previews/" + deleted);
    preview(source, PUBLIC, "\"visibility\":\"public\"");
    expose(source, EXPOSED);
    preview(source, ENDING, "\"expires_in_sec\":3600");
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String made(String path, String body) {
    Answer answer = api.post(path, body);
    assertEquals(201, answer.status(), answer.text());
    JsonNode json = answer.json();
    return (json.has("id") ? json : json.path("data")).path("id").asString();
  }

  private String preview(String sandbox, int port, String wish) {
    return made("/sandboxes/" + sandbox + "/previews", "{\"port\":%d,%s}".formatted(port, wish));
  }

  private void expose(String sandbox, int port) {
    Answer exposed = api.post("/sandboxes/" + sandbox + "/expose", "{\"port\":" + port + "}");
    assertTrue(exposed.status() < 300, exposed.text());
  }

  private Ports ports(String sandbox) {
    return PreviewsCapability.ofSandboxes(running.store()).of(sandbox);
  }

  private void withheld(String fork) {
    Ports had = ports(source);
    Ports has = ports(fork);
    assertEquals(Set.of(PRIVATE, DELETED), has.restricted());
    assertEquals(Map.of(ENDING, had.closing().get(ENDING)), has.closing());
    assertEquals(Set.of(), has.exposed());
  }

  @Test
  void aForkNeedsATokenWhereItsSourceLetsNotEverybodyIn() {
    withheld(made("/sandboxes/" + source + "/fork", "{}"));
  }

  @Test
  void soDoesWhatBeginsWithASnapshotAlsoWhenItsSandboxIsNoMore() {
    String snapshot = made("/sandboxes/" + source + "/snapshots", "{}");
    String body = "{\"snapshot_id\":\"%s\"}".formatted(snapshot);
    made("/named-snapshots", "{\"name\":\"pinned\",\"snapshot_id\":\"" + snapshot + "\"}");
    expose(source, DELETED);
    withheld(made("/sandboxes/" + source + "/fork", body));
    withheld(made("/sandboxes/" + source + "/restore/" + snapshot, "{}"));
    withheld(made("/named-snapshots/pinned/deploy", "{}"));
    api.delete("/sandboxes/" + source);
    String fork = made("/snapshots/" + snapshot + "/fork", "{}");
    assertEquals(Set.of(PRIVATE, DELETED), ports(fork).restricted());
    String grandchild = made("/sandboxes/" + fork + "/fork", "{}");
    assertEquals(ports(fork), ports(grandchild));
  }

  /** Those of another end user are hidden from who forks, not what they say of the port. */
  @Test
  void itHoldsForWhoSeesNoneOfThePreviews() {
    String owned = made("/sandboxes", "{\"external_user_id\":\"ann\"}");
    preview(owned, PRIVATE, "\"visibility\":\"private\"");
    running
        .store()
        .executeSystem(tx ->
            tx.sql()
                .execute(
                    "update previews set external_user_id = null where sandbox_id = ?", owned));
    String workspace = api.get("/sandboxes/" + owned).json().path("workspace_id").asString();
    Answer minted =
        api.post(
            "/tokens/scoped", "{\"user_id\":\"ann\",\"workspace_id\":\"%s\"}".formatted(workspace));
    ApiClient ann = running.as(minted.json().path("token").asString());
    Answer fork = ann.post("/sandboxes/" + owned + "/fork", "{}");
    assertEquals(201, fork.status(), fork.text());
    assertEquals(Set.of(PRIVATE), ports(fork.json().path("id").asString()).restricted());
  }

  @Test
  void aPortIsOpenAgainWhereSomebodyOpensItInTheFork() {
    String fork = made("/sandboxes/" + source + "/fork", "{}");
    expose(fork, PRIVATE);
    String open = preview(fork, DELETED, "\"visibility\":\"public\"");
    expose(fork, ENDING);
    assertEquals(Set.of(), ports(fork).restricted());
    assertEquals(Map.of(), ports(fork).closing());
    assertEquals(Set.of(PRIVATE, DELETED, ENDING), ports(fork).exposed());
    api.delete("/sandboxes/" + fork + "/previews/" + open);
    assertEquals(Set.of(DELETED), ports(fork).closing().keySet());
  }
}

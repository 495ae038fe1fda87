package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.RawConnection;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a credential opened or made ends where its own right does. */
final class EndedAccessTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PUBLIC_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfwSyFzlIeDCkL6IKq5qvL5yBSyIBhH4UT0XwMu3qFA x";

  private PlatformWithNode running;
  private ApiClient owner;
  private String workspace;
  private String sandbox;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    owner = running.someone();
    workspace = made("/workspaces", "{\"name\":\"w\"}").path("id").asString();
    String place = "\"external_user_id\":\"ann\",\"workspace_id\":\"" + workspace + "\"";
    sandbox = made("/sandboxes", "{" + place + "}").path("id").asString();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private JsonNode made(String path, String body) {
    return made(owner, path, body);
  }

  private static JsonNode made(ApiClient by, String path, String body) {
    Answer answer = by.post(path, body);
    assertTrue(answer.status() < 300, answer::text);
    JsonNode json = answer.json();
    return json.has("id") || json.has("token") ? json : json.path("data");
  }

  private ApiClient inWorkspace() {
    String account = made("/service-accounts", "{\"name\":\"ci\"}").path("id").asString();
    JsonNode key =
        made(
            "/service-accounts/" + account + "/keys",
            "{\"scopes\":[\"sandboxes:read\",\"sandboxes:exec\",\"events:read\"],"
                + "\"workspace_id\":\""
                + workspace
                + "\"}");
    return running.as(key.path("key").asString());
  }

  private boolean opens(String token) throws IOException {
    try (SocketChannel gateway = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      gateway.connect(UnixDomainSocketAddress.of(running.feed()));
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(gateway), StandardCharsets.UTF_8));
      String ask =
          "{\"type\":\"grant\",\"request\":\"r\",\"port\":8000,\"sandbox_id\":\""
              + sandbox
              + "\",\"token\":\""
              + token
              + "\"}\n";
      gateway.write(ByteBuffer.wrap(ask.getBytes(StandardCharsets.UTF_8)));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode said = JsonMapper.shared().readTree(line);
        if (said.path("type").asString().equals("granted")) {
          return said.path("ok").asBoolean();
        }
      }
      throw new EOFException("the feed ended");
    }
  }

  /** Reads until the server ends the connection. */
  private static void awaitEnd(RawConnection connection) {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          try {
            while (!connection.readChunk().isEmpty()) {
              // What was written before the end.
            }
          } catch (IOException broken) {
            // It was broken off, which is an end too.
          }
        });
  }

  @Test
  void whatATokenMintsEndsWithIt() throws Exception {
    JsonNode token =
        made(
            "/tokens/scoped",
            "{\"user_id\":\"ann\",\"expires_in_seconds\":60,\"workspace_id\":\""
                + workspace
                + "\",\"sandbox_ids\":[\""
                + sandbox
                + "\"]}");
    ApiClient by = running.as(token.path("token").asString());
    Instant last = Instant.now().plusSeconds(61);
    String path = "/sandboxes/" + sandbox;
    String preview =
        made(path + "/previews", "{\"port\":8000,\"visibility\":\"private\"}")
            .path("id")
            .asString();
    JsonNode minted = made(by, path + "/preview-token", "{\"expires_in\":86400}");
    JsonNode certificate =
        made(
            by,
            path + "/ssh-certificates",
            "{\"ttl_seconds\":3600,\"public_key\":\"" + PUBLIC_KEY + "\"}");
    JsonNode shared = made(by, path + "/previews/" + preview + "/share", "{\"ttl_seconds\":86400}");
    JsonNode share = made(by, path + "/shares", "{}");
    JsonNode grant = made(by, path + "/browser/cdp-url", "{\"ttl_seconds\":3600}");
    for (String end :
        List.of(
            minted.path("expires_at").asString(),
            certificate.path("expires_at").asString(),
            shared.findPath("share_token_expires_at").asString(),
            share.path("expires_at").asString(),
            grant.findPath("cdp_expires_at").asString())) {
      assertTrue(Instant.parse(end).isBefore(last), end);
    }
    String link = share.path("share_url").asString();
    List<String> values =
        List.of(minted.path("token").asString(), link.substring(link.indexOf("?ms=") + 4));
    String keys = made(path + "/preview-token", "{}").path("token").asString();
    for (String value : values) {
      assertTrue(opens(value));
    }
    assertEquals(204, owner.delete("/tokens/scoped/" + token.findPath("id").asString()).status());
    for (String value : values) {
      assertFalse(opens(value));
    }
    assertTrue(opens(keys));
  }

  @Test
  void whatFollowsASandboxEndsWhereItLeavesTheWorkspaceOfTheCredential() throws Exception {
    String path = "/sandboxes/" + sandbox + "/events";
    String elsewhere = made("/workspaces", "{\"name\":\"x\"}").path("id").asString();
    String other =
        made("/sandboxes", "{\"workspace_id\":\"" + workspace + "\"}").path("id").asString();
    ApiClient inside = inWorkspace();
    try (RawConnection lost = inside.open("GET", path, "");
        RawConnection kept = owner.open("GET", path, "");
        RawConnection beside = inside.open("GET", "/sandboxes/" + other + "/events", "")) {
      for (RawConnection each : List.of(lost, kept, beside)) {
        assertEquals(200, each.readHead().status());
      }
      made(
          "/workspaces/" + workspace + "/transfer",
          "{\"resource_ids\":[\"" + sandbox + "\"],\"target_workspace_id\":\"" + elsewhere + "\"}");
      awaitEnd(lost);
      assertEquals(404, inside.get("/sandboxes/" + sandbox).status());
      for (String one : List.of(sandbox, other)) {
        assertEquals(
            200, owner.call("PATCH", "/sandboxes/" + one, "{\"name\":\"after\"}").status());
      }
      for (RawConnection each : List.of(kept, beside)) {
        assertTimeoutPreemptively(
            SOON,
            () -> {
              while (!each.readChunk().contains("sandbox.updated")) {
                // What was told before.
              }
            });
      }
    }
  }

  @Test
  void aCommandThatIsWaitedForAnswersNobodyWhoseKeyWasRevoked() throws Exception {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    running.node().onRun =
        _ -> {
          runs.countDown();
          try {
            assertTrue(done.await(60, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    JsonNode key = made("/api-keys", "{\"name\":\"k\"}");
    ApiClient by = running.as(key.path("key").asString());
    String exec = "/sandboxes/" + sandbox + "/exec";
    try (RawConnection asked = by.open("POST", exec, "{\"command\":\"sleep 40\"}")) {
      assertTrue(runs.await(30, TimeUnit.SECONDS));
      String path = "/api-keys/" + key.path("id").asString();
      assertEquals(200, owner.call("PATCH", path, "{\"name\":\"renamed\"}").status());
      assertEquals(204, owner.delete(path).status());
      assertTimeoutPreemptively(
          SOON,
          () -> {
            try {
              Answer answer = asked.read();
              throw new AssertionError("it was answered: " + answer.text());
            } catch (IOException ended) {
              assertEquals(1, done.getCount());
            }
          });
    } finally {
      done.countDown();
    }
  }
}

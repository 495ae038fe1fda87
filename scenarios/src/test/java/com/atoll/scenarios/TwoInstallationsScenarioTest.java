package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A second installation beside the one under test: its end does not touch the first. */
@Tag("fast")
@Tag("all")
final class TwoInstallationsScenarioTest {
  private final Given given = new Given();

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void downOfOneLeavesTheOthersSandboxesAnswering() throws IOException {
    Path home = Files.createTempDirectory(Path.of("/var/lib"), "atoll-second");
    Host second =
        new Host(
            given.target.launcher(),
            home,
            Map.of(
                "ATOLL_PORT", Integer.toString(freePort()),
                "ATOLL_TLS_PORT", Integer.toString(freePort())));
    try (Sandbox first = given.aSandbox().running().serving(8000, "first")) {
      second.atoll(1200, "up");
      JsonNode status = second.status();
      String key = Files.readString(home.resolve("admin.key")).strip();
      Target there =
          new Target(
              java.net.URI.create(status.path("api_url").asString()),
              key,
              key,
              home,
              status.path("http_port").asInt(),
              given.target.launcher());
      Api api = new Api(there, key);
      Reply made = api.post("/sandboxes", Map.of("size", "xs")).expect(201);
      Sandbox other = new Sandbox(api, made.string("id"), made.string("slug"));
      other.withFile("/workspace/kept", "kept");
      assertEquals("two", other.run("echo two"));

      second.atoll(120, "down");
      assertEquals("first", given.api.page(first.url(8000)).text());
      assertEquals("one", first.run("echo one"));
      assertEquals(List.of(), second.leftovers(status.path("id").asString()));

      second.atoll(300, "up");
      assertEquals("kept", other.run("cat /workspace/kept"));
      second.atoll(120, "down");
    } finally {
      second.atoll(120, "uninstall", "--purge");
    }
  }
}

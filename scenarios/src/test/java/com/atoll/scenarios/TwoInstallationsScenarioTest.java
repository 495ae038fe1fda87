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
      Reply made =
          api.post(
                  "/sandboxes",
                  Map.of(
                      "size",
                      "xs",
                      "auto_start",
                      true,
                      "setup_file",
                      "echo the-app > /workspace/index.html",
                      "services",
                      List.of(
                          Map.of(
                              "name",
                              "tick",
                              "command",
                              "echo $WORD; exec sleep 900",
                              "env",
                              Map.of("WORD", "tock")))))
              .expect(201);
      Sandbox other = new Sandbox(api, made.string("id"), made.string("slug"));
      other.withFile("/workspace/kept", "kept");
      assertEquals("two", other.run("echo two"));

      second.atoll(120, "down");
      assertEquals("first", given.api.page(first.url(8000)).text());
      assertEquals("one", first.run("echo one"));
      assertEquals(List.of(), second.leftovers(status.path("id").asString()));

      second.atoll(300, "up");
      assertEquals("kept", other.run("cat /workspace/kept"));
      Given.eventually(
          30,
          "its service runs again",
          () ->
              api.get(other.at("/services/tick")).string("status").equals("running")
                  && api.get(other.at("/services/tick/logs")).text().contains("tock"));
      Given.eventually(
          30,
          "so does its app",
          () -> other.exec("curl -s 127.0.0.1:3000").stdout().contains("the-app"));
      second.atoll(120, "down");
    } finally {
      second.atoll(120, "uninstall", "--purge");
    }
  }
}

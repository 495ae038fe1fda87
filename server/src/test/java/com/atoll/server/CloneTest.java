package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A repository that is to be in a new sandbox, on a machine that cannot start its clone. */
final class CloneTest {
  private static final String WITH_REPOSITORY =
      "{\"github_repo_url\":\"https://example.invalid/x.git\"}";

  private static Platform started(Installation installation) throws Exception {
    Platform platform = new Platform(installation);
    platform.start();
    ApiClient api = ApiClient.at(installation.serverSocket());
    long end = System.nanoTime() + 60_000_000_000L;
    while (api.get("/readyz").status() != 200) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(5_000_000);
    }
    return platform;
  }

  private static void isToldAsFailed(Answer answer) {
    assertFalse(answer.json().path("ready").asBoolean(true), answer.text());
    assertTrue(answer.json().path("ready_at").isNull(), answer.text());
    String why = answer.json().path("error_reason").asString("");
    assertTrue(why.startsWith("The repository was not cloned: "), answer.text());
  }

  @Test
  void aSandboxWithoutItsRepositoryIsNotReadyAndSaysWhyAlsoAfterARestart() throws Exception {
    Installation database = TestPostgres.get().installation();
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), database.run().resolve("pg"));
    Installation installation = Installations.in(database.home(), folder);
    try (MemoryNode node = new MemoryNode(installation.nodeSocket())) {
      node.onStart =
          _ -> {
            throw Status.UNIMPLEMENTED.asRuntimeException();
          };
      String key;
      String id;
      try (Platform platform = started(installation)) {
        key = new Organizations(platform.store()).create("org " + UUID.randomUUID()).value();
        ApiClient api = ApiClient.at(installation.serverSocket()).as(key);
        Answer made = api.post("/sandboxes", WITH_REPOSITORY);
        assertEquals(201, made.status(), made.text());
        assertEquals("running", made.json().path("state").asString());
        isToldAsFailed(made);
        id = made.json().path("id").asString();
        isToldAsFailed(api.get("/sandboxes/" + id));
        assertTrue(api.post("/sandboxes", "{}").json().path("ready").asBoolean(false));
      }
      try (Platform _ = started(installation)) {
        ApiClient api = ApiClient.at(installation.serverSocket()).as(key);
        isToldAsFailed(api.get("/sandboxes/" + id));
        api.delete("/sandboxes/" + id);
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(folder);
  }
}

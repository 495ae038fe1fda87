package com.atoll.server;

import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A platform that really runs: its own socket, the JVM's PostgreSQL, an organization of its own.
 */
final class RunningPlatform implements AutoCloseable {
  private final Platform platform;
  private final Path socket;
  private final Organizations organizations;

  RunningPlatform(Capability... more) throws Exception {
    Installation database = TestPostgres.get().installation();
    try (Store store = Store.of(database)) {
      store.migrate();
    }
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), database.run().resolve("pg"));
    Installation installation = Installations.in(database.home(), folder);
    platform = new Platform(installation, List.of(more));
    socket = installation.serverSocket();
    organizations = new Organizations(platform.store());
    platform.start();
    awaitReady();
  }

  private void awaitReady() {
    while (client().get("/readyz").status() != 200) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  Platform platform() {
    return platform;
  }

  Path socket() {
    return socket;
  }

  ApiClient client() {
    return ApiClient.at(socket);
  }

  /** The key of a new organization. */
  String newOrganization() {
    return organizations.create("org " + UUID.randomUUID()).value();
  }

  ApiClient owner() {
    return client().as(newOrganization());
  }

  @Override
  public void close() throws IOException {
    platform.close();
    Files.deleteIfExists(socket.resolveSibling("pg"));
    Files.deleteIfExists(socket.getParent());
  }
}

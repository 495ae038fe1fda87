package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.Installation;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import com.atoll.server.testing.ApiClient;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A platform that runs, with a node that keeps everything in memory. */
final class PlatformWithNode implements AutoCloseable {
  private final Installation installation;
  private final MemoryNode node;
  private Platform platform;

  PlatformWithNode() throws Exception {
    this(TestPostgres.get().installation().run().resolve("pg"));
  }

  /** Reaches the database by the socket in this folder. */
  PlatformWithNode(Path postgres) throws Exception {
    Installation database = TestPostgres.get().installation();
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "atoll-run");
    Files.createSymbolicLink(folder.resolve("pg"), postgres);
    installation = Installations.in(database.home(), folder);
    node = new MemoryNode(installation.nodeSocket());
    platform = new Platform(installation);
    begin();
  }

  private void begin() throws Exception {
    platform.start();
    await(() -> ApiClient.at(installation.serverSocket()).get("/readyz").status() == 200);
  }

  /** Its next process: what was not stored is forgotten. */
  void restart() throws Exception {
    platform.close();
    platform = new Platform(installation);
    begin();
  }

  /** Whether it has read all that it goes by: gateways are told of routes then. */
  boolean hasLoaded() {
    return Files.exists(installation.feedSocket());
  }

  MemoryNode node() {
    return node;
  }

  Platform platform() {
    return platform;
  }

  /** What it has stored. */
  Store store() {
    return platform.store();
  }

  /** Where it is asked. */
  Path socket() {
    return installation.serverSocket();
  }

  /** Where gateways ask. */
  Path feed() {
    return installation.feedSocket();
  }

  /** The key of a new organization. */
  String newKey() {
    return new Organizations(platform.store()).create("org " + UUID.randomUUID()).value();
  }

  /** The owner of a new organization. */
  ApiClient someone() {
    return as(newKey());
  }

  /** Who has this key. */
  ApiClient as(String key) {
    return ApiClient.at(installation.serverSocket()).as(key);
  }

  static void await(BooleanSupplier so) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Other tests of this process have no machine, and rows that run all the same. */
  private void forgetMachine() throws IOException {
    try (Store store = Store.of(installation)) {
      store.migrate();
      store.executeSystem(tx -> tx.sql().execute("delete from machine_contact"));
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  /** Compares until it is so. */
  void compared(BooleanSupplier so) {
    await(() -> {
      platform.workloads().watch().reconcileSoon();
      return so.getAsBoolean();
    });
  }

  @Override
  public void close() throws IOException {
    platform.close();
    forgetMachine();
    node.close();
    try (Stream<Path> left = Files.list(installation.run())) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(installation.run());
  }
}

package com.atoll.bench;

import com.atoll.platform.Installation;
import com.atoll.server.Platform;
import com.atoll.server.identity.Organizations;
import com.atoll.server.postgres.PostgresCluster;
import com.atoll.server.store.DatabaseAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A control plane of the benchmark's own, without a machine: a PostgreSQL with the settings of
 * every installation, on the same disk, and a server in this process. What it fills with millions
 * of rows is gone afterwards; what a benchmark that was killed left, the next one removes.
 */
final class OwnPlatform implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("");
  private static final long PATIENCE_S = 30;

  private final Path home;
  private final Path run;
  private final Installation installation;
  private final Process postgres;
  private final Platform platform;

  OwnPlatform(Setup setup) throws Exception {
    // There is no machine to talk to, and it tells so again and again.
    LOG.setLevel(Level.OFF);
    home = setup.home().resolve("bench");
    run = setup.installation().run().resolve("bench");
    remove(home);
    remove(run);
    installation = installation(setup);
    List<String> asPostgres = asPostgres();
    PostgresCluster cluster = new PostgresCluster(installation, asPostgres);
    cluster.prepare();
    List<String> command = new ArrayList<>(asPostgres);
    command.addAll(cluster.command());
    postgres =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("postgres.log").toFile())
            .start();
    platform = new Platform(installation);
    platform.start();
    awaitReady();
  }

  private Installation installation(Setup setup) throws IOException {
    for (Path folder : List.of(home, run, run.resolve("pg"), home.resolve("postgres"))) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.createDirectories(home.resolve("secrets"));
    JsonMapper json = JsonMapper.builder().build();
    ObjectNode fields = json.valueToTree(setup.installation());
    fields.put("home", home.toString());
    fields.put("run", run.toString());
    fields.put("server_uid", 0);
    fields.put("crash_points", false);
    fields.putNull("database_url");
    Path file = run.resolve("installation.json");
    json.writeValue(file.toFile(), fields);
    Installation made = Installation.read(file);
    for (Path folder : List.of(run.resolve("pg"), home.resolve("postgres"))) {
      Shell.run("chown", Integer.toString(made.postgresUid()), folder.toString());
    }
    Shell.run("chmod", "0700", home.resolve("postgres").toString());
    return made;
  }

  private List<String> asPostgres() {
    String uid = Integer.toString(installation.postgresUid());
    return List.of(
        "setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "--pdeathsig=KILL", "--");
  }

  private void awaitReady() throws IOException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
    while (!platform.store().ready()) {
      if (System.nanoTime() > until || !postgres.isAlive()) {
        throw new IOException(
            "the benchmark's database does not start; see " + home.resolve("postgres.log"));
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  Installation installation() {
    return installation;
  }

  Platform platform() {
    return platform;
  }

  /** A new organization: who calls the API as it. */
  Api organization(String name) {
    String key = new Organizations(platform.store()).create(name).value();
    return new Api("http://localhost/api/v1", key, installation.serverSocket());
  }

  /** The id of the organization of this name. */
  String org(String name) throws SQLException {
    try (Connection connection = owner();
        var query = connection.prepareStatement("select org from organizations where name = ?")) {
      query.setString(1, name);
      try (var rows = query.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  /** A connection as the owner of the database, which no policy confines and no time limits. */
  Connection owner() throws SQLException {
    DatabaseAddress address = DatabaseAddress.of(installation);
    return DriverManager.getConnection(address.url(), address.properties());
  }

  /** Processor time that this process and its PostgreSQL have used, in nanoseconds. */
  long processorNanos() {
    return Stream.concat(Stream.of(ProcessHandle.current()), postgres.descendants())
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .mapToLong(java.time.Duration::toNanos)
        .sum();
  }

  @Override
  public void close() throws IOException {
    platform.close();
    // Nothing of it is needed any more: it need not end in order.
    List<ProcessHandle> children = postgres.descendants().toList();
    postgres.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    Shell.ended(postgres);
    children.forEach(child -> child.onExit().join());
    remove(home);
    remove(run);
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}

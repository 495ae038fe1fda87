package com.atoll.server.postgres;

import com.atoll.platform.DatabaseFormat;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The embedded PostgreSQL of an installation, below {@code $HOME/postgres}: binaries in {@code
 * bin}, data in {@code data}. Each step is done whole or not at all, and nothing that exists is
 * touched.
 */
public final class PostgresCluster {
  /** The version of the binaries; another one replaces what is unpacked. */
  public static final String VERSION = DatabaseFormat.MAJOR + ".6";

  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

  private final Path folder;
  private final Path socketFolder;
  private final String serverUser;
  private final Commands commands;

  /**
   * The cluster of an installation.
   *
   * @param asUser what to put before a command so that it runs as PostgreSQL's user; nothing when
   *     this process already does
   */
  public PostgresCluster(Installation installation, List<String> asUser) {
    folder = installation.home().resolve("postgres");
    socketFolder = installation.run().resolve("pg");
    serverUser = Users.name(installation.serverUid());
    commands = new Commands(asUser);
  }

  /** Unpacks, initializes and configures what is not there yet. */
  public void prepare() {
    try {
      unpack();
      initialize();
      configure();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command that runs the database. */
  public List<String> command() {
    return List.of(
        folder.resolve("bin/bin/postgres").toString(),
        "-D",
        data().toString(),
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_directories=" + socketFolder);
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void unpack() throws IOException {
    Path binaries = folder.resolve("bin");
    Path marker = binaries.resolve("version-" + VERSION);
    if (Files.exists(marker)) {
      return;
    }
    Path archive = folder.resolve("binaries.txz");
    Path fresh = folder.resolve("bin.new");
    commands.run("", "rm", "-rf", fresh.toString());
    commands.run("", "mkdir", "-p", fresh.toString());
    try (InputStream in = PostgresCluster.class.getResourceAsStream(ARCHIVE)) {
      if (in == null) {
        throw new IllegalStateException("the binaries of PostgreSQL are not on the class path");
      }
      Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
    }
    commands.run("", "tar", "-xJf", archive.toString(), "-C", fresh.toString());
    commands.run("", "touch", fresh.resolve(marker.getFileName()).toString());
    commands.run("", "rm", "-rf", binaries.toString());
    commands.run("", "mv", fresh.toString(), binaries.toString());
    Files.delete(archive);
  }

  private void initialize() {
    if (Files.exists(data().resolve("PG_VERSION"))) {
      return;
    }
    String fresh = folder.resolve("data.new").toString();
    commands.run("", "rm", "-rf", fresh);
    commands.run(
        "",
        folder.resolve("bin/bin/initdb").toString(),
        "--pgdata=" + fresh,
        "--username=atoll",
        "--auth=peer",
        "--encoding=UTF8",
        "--no-locale",
        "--set=include_if_exists=atoll.conf");
    commands.run("", "touch", fresh + "/atoll.conf");
    commands.run(
        "create database atoll;\n",
        folder.resolve("bin/bin/postgres").toString(),
        "--single",
        "-D",
        fresh,
        "postgres");
    commands.run("", "mv", fresh, data().toString());
  }

  private void configure() throws IOException {
    write("atoll.conf", ClusterSettings.SETTINGS);
    write("pg_hba.conf", "local all all peer map=atoll\n");
    // The server's user of the system, and no other one, is the owner of the database.
    write("pg_ident.conf", "atoll \"" + serverUser + "\" atoll\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(
        data().resolve(name),
        text,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }
}

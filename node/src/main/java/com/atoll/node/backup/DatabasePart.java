package com.atoll.node.backup;

import com.atoll.node.backup.DatabaseSession.Stopped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files of PostgreSQL, as its documentation asks for ("Making a Base Backup Using the Low Level
 * API"): the data while it is being changed, and the log that makes it whole.
 */
final class DatabasePart {
  /** Folders whose content belongs to a running server, or to the log. */
  private static final Set<String> EMPTY =
      Set.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT =
      Set.of(
          "postmaster.pid",
          "postmaster.opts",
          "backup_label",
          "backup_label.old",
          "tablespace_map",
          "tablespace_map.old",
          "recovery.signal",
          "standby.signal");

  private static final String CONTROL = "global/pg_control";
  private static final int MOST_LOOKS = 100;

  private final Path data;

  DatabasePart(Path data) {
    this.data = data;
  }

  /** The major version of the files. */
  int major() throws IOException {
    return Integer.parseInt(Files.readString(data.resolve("PG_VERSION")).strip());
  }

  /** Between start and stop. */
  void files(FilesPart part) throws IOException {
    part.folder(data, DatabasePart::wanted);
    for (String below : List.of("archive_status", "summaries")) {
      part.folder("pg_wal/" + below);
    }
    // Last, as PostgreSQL's own program does it.
    part.file(CONTROL, control());
  }

  private static boolean wanted(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return !EMPTY.contains(name)
        && !LEFT_OUT.contains(name)
        && !name.equals(CONTROL)
        && !last.startsWith("pgsql_tmp")
        && !last.startsWith("pg_internal.init");
  }

  /** It is rewritten in place: two looks that see the same did not fall into that. */
  private byte[] control() throws IOException {
    byte[] before = Files.readAllBytes(data.resolve(CONTROL));
    for (int look = 0; look < MOST_LOOKS; look++) {
      byte[] now = Files.readAllBytes(data.resolve(CONTROL));
      if (Arrays.equals(before, now)) {
        return now;
      }
      before = now;
    }
    throw new IOException(CONTROL + " never stands still");
  }

  /** After stop: the log from the first file to the last, and what says where to begin. */
  void log(FilesPart part, Stopped stopped) throws IOException {
    part.file("backup_label", stopped.label().getBytes(StandardCharsets.UTF_8));
    if (!stopped.tablespaces().isBlank()) {
      throw new IOException("the database has tablespaces of its own; those are not in a backup");
    }
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(data.resolve("pg_wal"))) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.matches("[0-9A-F]{24}")
            && name.compareTo(stopped.first()) >= 0
            && name.compareTo(stopped.last()) <= 0) {
          names.add(name);
        }
      }
    }
    if (!names.contains(stopped.first()) || !names.contains(stopped.last())) {
      throw new IOException("PostgreSQL has not kept its log");
    }
    for (String name : names) {
      part.file(data.resolve("pg_wal").resolve(name), "pg_wal/" + name);
    }
  }
}

package com.atoll.server;

import com.atoll.server.postgres.BackupSession;
import com.atoll.server.store.DatabaseAddress;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The session with PostgreSQL under which a backup copies its files; run as the server's user. It
 * reads {@code start}, {@code stop} and {@code check}, answers each with a line of JSON, and ends
 * with its input.
 */
public final class HoldDatabase {
  private HoldDatabase() {}

  /** Runs until its input ends. */
  public static void main(String[] arguments) throws IOException, SQLException {
    Arguments given = Arguments.of(arguments);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    DatabaseAddress address = DatabaseAddress.of(given.installation());
    try (Writer answers =
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8);
        BackupSession session = new BackupSession(address.url(), address.properties())) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        answers.write(JsonMapper.shared().writeValueAsString(answer(session, order)) + "\n");
        answers.flush();
      }
    }
  }

  private static Map<String, Object> answer(BackupSession session, String order) {
    try {
      return switch (order) {
        case "start" -> {
          session.start();
          yield Map.of();
        }
        case "check" -> {
          session.check();
          yield Map.of();
        }
        case "stop" -> Map.of("stopped", session.stop());
        default -> Map.of("error", "no order " + order);
      };
    } catch (SQLException e) {
      return Map.of("error", String.valueOf(e.getMessage()));
    }
  }
}

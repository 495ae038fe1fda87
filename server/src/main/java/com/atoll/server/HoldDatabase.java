package com.atoll.server;

import com.atoll.server.postgres.BackupSession;
import com.atoll.server.store.DatabaseAddress;
import com.atoll.server.store.rows.RowsIndex;
import com.atoll.server.store.rows.RowsSession;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The session with PostgreSQL under which a backup is made; run as the server's user. It reads
 * orders, answers each with a line of JSON, and ends with its input. {@code start}, {@code stop}
 * and {@code check} are about its files. {@code open} is about its rows: {@code rows} takes a
 * snapshot of them, and {@code copy N} writes those of a table before its answer: lengths of four
 * bytes, each with so many bytes, the last one 0.
 */
public final class HoldDatabase {
  private static final int BUFFER = 1 << 16;

  private final DataOutputStream answers;
  private final DatabaseAddress address;

  private HoldDatabase(OutputStream to, DatabaseAddress address) {
    answers = new DataOutputStream(new BufferedOutputStream(to, BUFFER));
    this.address = address;
  }

  /** Runs until its input ends. */
  public static void main(String[] arguments) throws IOException, SQLException {
    Arguments given = Arguments.of(arguments);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    DatabaseAddress address = DatabaseAddress.of(given.installation());
    new HoldDatabase(new FileOutputStream(FileDescriptor.out), address).run(orders);
  }

  private void run(BufferedReader orders) throws IOException, SQLException {
    String first = orders.readLine();
    if ("open".equals(first)) {
      rows(orders);
    } else if (first != null) {
      files(first, orders);
    }
  }

  private void answer(Map<String, Object> answer) throws IOException {
    answers.write(
        (JsonMapper.shared().writeValueAsString(answer) + "\n").getBytes(StandardCharsets.UTF_8));
    answers.flush();
  }

  private void rows(BufferedReader orders) throws IOException, SQLException {
    try (RowsSession session = new RowsSession(address)) {
      answer(Map.of());
      if (orders.readLine() == null) {
        return;
      }
      RowsIndex index = session.begin();
      List<Long> rows = new ArrayList<>();
      answer(Map.of("index", index, "tables", index.tables().size()));
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        if (order.equals("counts")) {
          answer(Map.of("counts", new RowsIndex.Counts(rows, session.sequences())));
        } else {
          rows.add(session.copy(index.tables().get(rows.size()), new Framed()));
          answers.writeInt(0);
          answer(Map.of());
        }
      }
    } catch (SQLException e) {
      answer(Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  /** Parts with their lengths before them. */
  private final class Framed extends OutputStream {
    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (length > 0) {
        answers.writeInt(length);
        answers.write(from, offset, length);
      }
    }
  }

  private void files(String first, BufferedReader orders) throws IOException, SQLException {
    try (BackupSession session = new BackupSession(address.url(), address.properties())) {
      for (String order = first; order != null; order = orders.readLine()) {
        answer(answer(session, order));
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

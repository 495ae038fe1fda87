package com.atoll.node.backup;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one session of PostgreSQL that a backup is made under, in a process of the server's user. It
 * ends with its input, whoever closes that; PostgreSQL then forgets the backup and lets go of the
 * log that it kept for it.
 */
final class DatabaseSession implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_ANSWER = 64 << 20;
  private static final int LONGEST_PART = 16 << 20;

  private final Process process;
  private final Writer orders;
  private final DataInputStream answers;

  /**
   * What PostgreSQL says at the end of a backup.
   *
   * @param label the content of {@code backup_label}
   * @param tablespaces the content of {@code tablespace_map}
   * @param first name of the first file of the log that a restore needs
   * @param last name of the last one
   */
  record Stopped(String label, String tablespaces, String first, String last) {}

  /**
   * A snapshot of the rows.
   *
   * @param index what they are, a JSON document
   * @param tables how many tables there are
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Rows(byte[] index, int tables) {}

  private record Answer(
      @Nullable String error,
      @Nullable Stopped stopped,
      @Nullable JsonNode index,
      @Nullable Integer tables,
      @Nullable JsonNode counts) {}

  /** Starts the process. */
  DatabaseSession(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), BUFFER));
  }

  /** Begins: from now on the files may be copied. */
  void start() throws IOException {
    ask("start");
  }

  /** Ends: what is committed until now is in the backup. */
  Stopped stop() throws IOException {
    Stopped stopped = ask("stop").stopped();
    if (stopped == null) {
      throw new IOException("PostgreSQL did not end the backup");
    }
    return stopped;
  }

  /** Fails when PostgreSQL did not stay up until now, and so may not have kept its log. */
  void check() throws IOException {
    ask("check");
  }

  /** Connects, so that the snapshot takes no longer than it must. */
  void open() throws IOException {
    ask("open");
  }

  /** Takes a snapshot of all rows: what is committed from now on is not in it. */
  Rows rows() throws IOException {
    Answer answer = ask("rows");
    JsonNode index = answer.index();
    Integer tables = answer.tables();
    if (index == null || tables == null) {
      throw new IOException("PostgreSQL gave no snapshot");
    }
    return new Rows(JSON.writeValueAsBytes(index), tables);
  }

  /** Writes the rows of the next table of the snapshot. */
  void copy(int table, OutputStream to) throws IOException {
    order("copy " + table);
    for (int length = answers.readInt(); length != 0; length = answers.readInt()) {
      if (length < 0 || length > LONGEST_PART) {
        throw new IOException("PostgreSQL did not give all rows");
      }
      to.write(answers.readNBytes(length));
    }
    var _ = answer();
  }

  /** What was counted, a JSON document; after all tables. */
  byte[] counts() throws IOException {
    JsonNode counts = ask("counts").counts();
    if (counts == null) {
      throw new IOException("PostgreSQL counted nothing");
    }
    return JSON.writeValueAsBytes(counts);
  }

  private void order(String order) throws IOException {
    orders.write(order + "\n");
    orders.flush();
  }

  private Answer ask(String order) throws IOException {
    order(order);
    return answer();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = answers.read(); next != '\n'; next = answers.read()) {
      if (next < 0 || line.size() == LONGEST_ANSWER) {
        throw new IOException("the session with PostgreSQL ended");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private Answer answer() throws IOException {
    String line = line();
    try {
      Answer answer = JSON.readValue(line, Answer.class);
      if (answer.error() != null) {
        throw new IOException("PostgreSQL: " + answer.error());
      }
      return answer;
    } catch (JacksonException e) {
      throw new IOException("the session with PostgreSQL said: " + line, e);
    }
  }

  @Override
  public void close() {
    try {
      orders.close();
      if (process.waitFor(10, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}

package com.atoll.node.backup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one session of PostgreSQL that a backup is made under, in a process of the server's user. It
 * ends with its input, whoever closes that; PostgreSQL then forgets the backup and lets go of the
 * log that it kept for it.
 */
final class DatabaseSession implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  /**
   * What PostgreSQL says at the end of a backup.
   *
   * @param label the content of {@code backup_label}
   * @param tablespaces the content of {@code tablespace_map}
   * @param first name of the first file of the log that a restore needs
   * @param last name of the last one
   */
  record Stopped(String label, String tablespaces, String first, String last) {}

  private record Answer(@Nullable String error, @Nullable Stopped stopped) {}

  /** Starts the process. */
  DatabaseSession(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
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

  private Answer ask(String order) throws IOException {
    orders.write(order + "\n");
    orders.flush();
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the session with PostgreSQL ended");
    }
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

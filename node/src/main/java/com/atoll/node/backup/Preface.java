package com.atoll.node.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The first line of a backup, readable without any program: {@code atoll-backup {…}}.
 *
 * @param format of what follows; {@link #FORMAT}
 * @param version of the Atoll that wrote it
 * @param installation its id there
 * @param created when its moment was, ISO 8601
 * @param postgres major version of the database's files; {@link #ROWS} when it is kept as rows
 * @param sealing how the passphrase becomes a key; null when the backup holds no secrets
 */
record Preface(
    int format,
    String version,
    String installation,
    String created,
    int postgres,
    @Nullable Sealing sealing) {
  static final int FORMAT = 1;

  /** Rows go into a database of any version. */
  static final int ROWS = 0;

  private static final String WORD = "atoll-backup ";
  private static final int LONGEST = 4096;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Argon2id.
   *
   * @param salt 16 bytes, hexadecimal
   * @param memoryKb memory it takes
   * @param passes over it
   * @param check what the right passphrase makes of the salt, hexadecimal
   */
  record Sealing(String salt, int memoryKb, int passes, String check) {}

  byte[] line() {
    return (WORD + JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a file begins like a backup. */
  static boolean begins(Path file) throws IOException {
    byte[] word = WORD.getBytes(StandardCharsets.UTF_8);
    try (InputStream from = Files.newInputStream(file)) {
      return Arrays.equals(word, from.readNBytes(word.length));
    }
  }

  static Preface read(InputStream from) throws IOException {
    byte[] line = new byte[LONGEST];
    int length = 0;
    for (int next = from.read(); next != '\n'; next = from.read()) {
      if (next < 0 || length == LONGEST) {
        throw new DamagedBackupException("it does not begin like one");
      }
      line[length++] = (byte) next;
    }
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    if (!text.startsWith(WORD)) {
      throw new DamagedBackupException("it does not begin like one");
    }
    try {
      Preface read = JSON.readValue(text.substring(WORD.length()), Preface.class);
      if (read.format != FORMAT) {
        throw new IOException(
            "this backup has format " + read.format + "; this Atoll reads format " + FORMAT);
      }
      return read;
    } catch (JacksonException e) {
      throw new DamagedBackupException("its first line is none of ours");
    }
  }
}

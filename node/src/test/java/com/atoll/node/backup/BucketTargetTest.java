package com.atoll.node.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.archive.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class BucketTargetTest {
  private static final String PREFIX = "s3://bucket/installations/one";
  private static final int CONTENT = 40 << 20;

  @TempDir Path folder;
  private S3Server server;
  private Path settings;

  @BeforeEach
  void start() throws IOException {
    server = new S3Server();
    settings =
        Files.writeString(
            folder.resolve("s3.json"),
            "{\"endpoint\": \""
                + server.endpoint()
                + "\", \"access_key_id\": \"k\", \"secret_access_key\": \"s\"}");
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Content that no compression makes smaller: it goes up in several parts. */
  private static void write(ArchiveWriter writer) throws IOException {
    writer.begin("images");
    writer.entry(Entry.file("large", 0600));
    byte[] random = new byte[CONTENT];
    new Random(1).nextBytes(random);
    writer.data(random, 0, random.length);
    writer.end();
  }

  private static ArchiveWriter writer(Target target) throws IOException {
    Preface preface = new Preface(Preface.FORMAT, "1", "abcd", "2026-11-27T00:00:00Z", 18, null);
    return new ArchiveWriter(target.output(), preface, null);
  }

  private void backUp() throws IOException {
    try (Target target = Target.of(PREFIX, settings)) {
      try (ArchiveWriter writer = writer(target)) {
        write(writer);
        writer.finish();
      }
      target.keep();
    }
  }

  private long read() throws IOException {
    return new ArchiveReader(Source.of(PREFIX, settings)).read(new Sizes(), null).bytes();
  }

  /** Only reads. */
  private static final class Sizes implements ArchiveReader.Taker {
    @Override
    public void begin(String section) {}

    @Override
    public void entry(Entry entry) {}

    @Override
    public void data(byte[] bytes) {}

    @Override
    public void end() {}
  }

  @Test
  void itGoesUpInPartsAndComesBack() throws IOException {
    backUp();
    assertEquals(List.of("installations/one/atoll.backup"), List.copyOf(server.objects.keySet()));
    assertTrue(server.uploads.isEmpty());
    assertEquals(CONTENT, read());
    IOException taken = assertThrows(IOException.class, this::backUp);
    assertTrue(String.valueOf(taken.getMessage()).contains("there is a backup"), taken::toString);
    assertEquals(CONTENT, read());
  }

  @Test
  void oneThatBreaksOffIsNone() throws IOException {
    try (Target target = Target.of(PREFIX, settings);
        ArchiveWriter writer = writer(target)) {
      write(writer);
    }
    assertTrue(server.objects.isEmpty());
    assertTrue(server.uploads.isEmpty(), "what went up is given up");
    IOException none = assertThrows(IOException.class, this::read);
    assertTrue(String.valueOf(none.getMessage()).contains("there is no backup"), none::toString);
  }

  /** A process that is killed gives nothing up: the next backup to the same place does. */
  @Test
  void whatAKilledOneLeftIsGivenUpByTheNext() throws IOException {
    Target killed = Target.of(PREFIX, settings);
    byte[] random = new byte[CONTENT];
    killed.output().write(random, 0, random.length);
    assertEquals(1, server.uploads.size());
    assertThrows(IOException.class, this::read);
    backUp();
    assertTrue(server.uploads.isEmpty());
    assertEquals(CONTENT, read());
  }

  @Test
  void whatIsCutOffOnItsWayIsRefused() throws IOException {
    backUp();
    String key = server.objects.keySet().iterator().next();
    byte[] whole = server.objects.getOrDefault(key, new byte[0]);
    server.objects.put(key, java.util.Arrays.copyOf(whole, whole.length - 1000));
    assertThrows(IOException.class, this::read);
  }
}

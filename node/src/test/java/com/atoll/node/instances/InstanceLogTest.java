package com.atoll.node.instances;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InstanceLogTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("i.log");
  }

  private static void add(InstanceLog log, int stream, long sequence, String text)
      throws IOException {
    log.append(stream, sequence, sequence, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void aReaderGoesOnWhereItStopped() throws IOException {
    assertEquals("", LogReader.read(file, "", 1000).cursor());
    try (InstanceLog log = new InstanceLog(file)) {
      log.mark(11, 1);
      add(log, InstanceLog.STDOUT, 1, "one\n");
      LogReader.Part first = LogReader.read(file, "", 1000);
      assertEquals("one\n", text(first.entries().getFirst().bytes()));
      assertEquals(0, LogReader.read(file, first.cursor(), 1000).entries().size());
      add(log, InstanceLog.STDERR, 2, "two\n");
      // The file becomes the older one, and another begins.
      add(log, InstanceLog.STDOUT, 3, "x".repeat(900_000));
      for (int i = 0; i < 12; i++) {
        add(log, InstanceLog.STDOUT, 4 + i, "y".repeat(900_000));
      }
      LogReader.Part second = LogReader.read(file, first.cursor(), 20);
      assertEquals("two\n", text(second.entries().getFirst().bytes()));
      assertEquals(InstanceLog.STDERR, second.entries().getFirst().stream());
      assertEquals(1, second.entries().size());
      LogReader.Part rest = LogReader.read(file, second.cursor(), 100_000_000);
      assertEquals(13, rest.entries().size());
      assertTrue(!rest.gap());
    }
    assertTrue(LogReader.read(file, "77.10", 1000).gap());
  }

  @Test
  void itKeepsBothStreamsOverRestarts() throws IOException {
    try (InstanceLog log = new InstanceLog(file)) {
      log.mark(11, 1);
      add(log, InstanceLog.STDOUT, 1, "one\n");
      add(log, InstanceLog.STDERR, 2, "two\n");
    }
    try (InstanceLog log = new InstanceLog(file)) {
      assertEquals(new InstanceLog.Cursor(11, 2), log.cursor());
      log.mark(12, 1);
      assertEquals(new InstanceLog.Cursor(12, 0), log.cursor());
      add(log, InstanceLog.STDOUT, 1, "three\n");
    }
    InstanceLog.Tail tail = InstanceLog.tail(file, 2);
    assertEquals("two\nthree\n", text(tail.output()));
    assertEquals("one\nthree\n", text(tail.stdout()));
    assertEquals("two\n", text(tail.stderr()));
  }

  @Test
  void whatACrashCutInTheMiddleIsCutOff() throws IOException {
    try (InstanceLog log = new InstanceLog(file)) {
      log.mark(5, 1);
      add(log, InstanceLog.STDOUT, 1, "whole\n");
      add(log, InstanceLog.STDOUT, 2, "half\n");
    }
    byte[] all = Files.readAllBytes(file);
    Files.write(
        file, java.util.Arrays.copyOf(all, all.length - 3), StandardOpenOption.TRUNCATE_EXISTING);
    try (InstanceLog log = new InstanceLog(file)) {
      assertEquals(new InstanceLog.Cursor(5, 1), log.cursor());
      add(log, InstanceLog.STDOUT, 2, "again\n");
    }
    assertEquals("whole\nagain\n", text(InstanceLog.tail(file, 0).output()));
  }

  @Test
  void itTurnsOverAndForgetsTheOldest() throws IOException {
    String large = "x".repeat(200_000) + "\n";
    try (InstanceLog log = new InstanceLog(file)) {
      log.mark(3, 1);
      for (int i = 1; i <= 150; i++) {
        add(log, InstanceLog.STDOUT, i, large);
      }
      assertEquals(new InstanceLog.Cursor(3, 150), log.cursor());
    }
    assertTrue(Files.size(file) + Files.size(folder.resolve("i.log.1")) < 22_000_000);
    try (InstanceLog log = new InstanceLog(file)) {
      assertEquals(new InstanceLog.Cursor(3, 150), log.cursor());
    }
    InstanceLog.delete(file);
    assertEquals(0, InstanceLog.tail(file, 1).output().length);
  }

  @Test
  void aTailIsBounded() throws IOException {
    try (InstanceLog log = new InstanceLog(file)) {
      for (int i = 1; i <= 10; i++) {
        add(log, InstanceLog.STDOUT, i, "y".repeat(250_000));
      }
    }
    assertEquals(1 << 20, InstanceLog.tail(file, 0).output().length);
  }
}

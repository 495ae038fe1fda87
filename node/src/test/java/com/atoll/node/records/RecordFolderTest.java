package com.atoll.node.records;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordFolderTest {
  @TempDir Path folder;

  record Fact(String name, int number) {}

  private RecordFolder<Fact> open() throws IOException {
    return new RecordFolder<>(folder.resolve("facts"), Fact.class);
  }

  @Test
  void whatIsWrittenIsThereAfterAReopening() throws IOException {
    RecordFolder<Fact> records = open();
    records.write("a", new Fact("one", 1));
    records.write("a", new Fact("two", 2));
    records.write("b", new Fact("three", 3));
    records.delete("b");
    records.delete("b");
    assertEquals(List.of(new Fact("two", 2)), open().all());
    assertEquals(Optional.of(new Fact("two", 2)), open().read("a"));
    assertTrue(open().read("b").isEmpty());
  }

  @Test
  void anInterruptedCallerWritesAndDeletesAllTheSame() throws IOException {
    RecordFolder<Fact> records = open();
    records.write("b", new Fact("two", 2));
    Thread.currentThread().interrupt();
    records.write("a", new Fact("one", 1));
    records.delete("b");
    assertTrue(Thread.interrupted());
    assertEquals(List.of(new Fact("one", 1)), open().all());
  }

  @Test
  void aHalfWrittenRecordIsForgottenAndADamagedOneSetAside() throws IOException {
    open().write("good", new Fact("one", 1));
    Files.writeString(folder.resolve("facts/half.tmp"), "{\"na");
    Files.writeString(folder.resolve("facts/bad.json"), "{\"na");
    RecordFolder<Fact> records = open();
    assertFalse(Files.exists(folder.resolve("facts/half.tmp")));
    assertFalse(records.damaged());
    assertEquals(List.of(new Fact("one", 1)), records.all());
    assertTrue(records.damaged());
    assertTrue(Files.exists(folder.resolve("facts/bad.json.damaged")));
  }
}

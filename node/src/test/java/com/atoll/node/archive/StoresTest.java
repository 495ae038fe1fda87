package com.atoll.node.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder and a bucket keep what was committed, and nothing of what was not. */
final class StoresTest {
  private static final String FOLDER = "0123456789abcdef";
  private static final String NAME = FOLDER + "/snap_1.data";

  @TempDir private Path folder;

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static void put(ArchiveStore store, byte[] bytes) throws IOException {
    try (ArchiveStore.Upload upload = store.create(NAME)) {
      for (int at = 0; at < bytes.length; at += 100_000) {
        upload.output().write(bytes, at, Math.min(100_000, bytes.length - at));
      }
      upload.commit();
    }
  }

  private static byte[] get(ArchiveStore store) throws IOException {
    try (InputStream object = store.open(NAME).orElseThrow()) {
      return object.readAllBytes();
    }
  }

  private static void keepsWhatWasCommitted(ArchiveStore store) throws IOException {
    assertTrue(store.open(NAME).isEmpty());
    assertEquals(OptionalLong.empty(), store.size(NAME));
    store.delete(NAME);
    for (int length : new int[] {0, 5, 16 << 20, (16 << 20) + 1, 35_000_001}) {
      byte[] bytes = bytes(length);
      put(store, bytes);
      assertEquals(OptionalLong.of(length), store.size(NAME));
      assertArrayEquals(bytes, get(store));
      try (ArchiveStore.Upload upload = store.create(NAME)) {
        upload.output().write(bytes(20 << 20));
      }
      assertArrayEquals(bytes, get(store));
    }
    store.delete(NAME);
    store.delete(NAME);
    assertTrue(store.open(NAME).isEmpty());
  }

  private ArchiveStore bucket(String endpoint) throws IOException {
    Path settings = folder.resolve("s3.json");
    Files.writeString(
        settings,
        """
        {"endpoint": "%s", "access_key_id": "test", "secret_access_key": "secret"}\
        """
            .formatted(endpoint));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    return Stores.of("s3://bucket/some/prefix", settings);
  }

  @Test
  void aFolderKeepsWhatWasCommitted() throws IOException {
    keepsWhatWasCommitted(Stores.of(folder.toString(), folder));
    try (Stream<Path> left = Files.list(folder.resolve(FOLDER))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void whatAnEarlierProcessLeftInAFolderGoesAndTheRestStays() throws IOException {
    ArchiveStore store = Stores.of(folder.toString(), folder);
    put(store, bytes(9));
    Path left = folder.resolve(FOLDER).resolve(".snap_1.data.00ff.part");
    Files.write(left, bytes(3));
    try (ArchiveStore.Upload underway = store.create(FOLDER + "/snap_2.data")) {
      store.sweep(FOLDER);
      underway.commit();
    }
    assertTrue(Files.notExists(left));
    assertTrue(store.size(FOLDER + "/snap_2.data").isPresent());
    assertArrayEquals(bytes(9), get(store));
  }

  @Test
  void aFolderThatIsNotMountedIsNotMade() {
    ArchiveStore store = new DirectoryStore(folder.resolve("away"));
    assertThrows(IOException.class, () -> store.create(NAME));
    assertThrows(IOException.class, () -> store.delete(NAME));
    // Nobody can say that it has lost what was put there.
    assertThrows(IOException.class, () -> store.open(NAME));
    assertThrows(IOException.class, () -> store.size(NAME));
    assertTrue(Files.notExists(folder.resolve("away")));
  }

  @Test
  void aBucketKeepsWhatWasCommitted() throws IOException {
    try (S3Server server = new S3Server()) {
      ArchiveStore store = bucket(server.endpoint());
      keepsWhatWasCommitted(store);
      assertEquals(0, server.uploads.size());
      assertEquals(0, server.objects.size());
    }
  }

  @Test
  void whatAnEarlierProcessLeftInABucketGoes() throws IOException {
    try (S3Server server = new S3Server()) {
      ArchiveStore store = bucket(server.endpoint());
      ArchiveStore.Upload cut = bucket(server.endpoint()).create(NAME);
      cut.output().write(bytes(20 << 20));
      try (ArchiveStore.Upload underway = store.create(NAME)) {
        underway.output().write(bytes(20 << 20));
        assertEquals(2, server.uploads.size());
        store.sweep(FOLDER);
        assertEquals(1, server.uploads.size());
        underway.commit();
      }
      assertArrayEquals(bytes(20 << 20), get(store));
      cut.close();
    }
  }

  @Test
  void settingsThatOthersCanReadAreRefused() throws IOException {
    Path settings = folder.resolve("open.json");
    Files.writeString(settings, "{}");
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-r--r--"));
    assertThrows(IOException.class, () -> Stores.of("s3://bucket", settings));
    assertThrows(IOException.class, () -> Stores.of("s3://bucket", folder.resolve("none")));
    assertThrows(IOException.class, () -> Stores.of("gopher://bucket", folder));
  }
}

package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.records.RecordFolder;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the steps of one build copy from. */
class HeldFilesTest {
  @TempDir Path folder;

  @Test
  void filesStayAsTheyWereWhenTheBuildAskedForThem() throws IOException {
    String key = Step.hash("files", "scope", "name");
    Path files = Files.createDirectory(folder.resolve("files"));
    Files.writeString(files.resolve(key), "old");
    RecordFolder<Uploads.Kept> records =
        new RecordFolder<>(folder.resolve("records"), Uploads.Kept.class);
    records.write(key, new Uploads.Kept(key, "scope", "digest of old", 3, 0));
    Uploads uploads = new Uploads(files, records, InstantSource.system());
    try (HeldFiles held = new HeldFiles(uploads, "scope")) {
      assertEquals("digest of old", held.digest("name"));
      Path next = Files.writeString(folder.resolve("next"), "new");
      Files.move(next, files.resolve(key), StandardCopyOption.REPLACE_EXISTING);
      assertEquals("old", text(held));
      assertEquals("old", text(held), "for a second step");
      BuildFailure missing = assertThrows(BuildFailure.class, () -> held.digest("other"));
      assertEquals("BUILD_FILES_MISSING", missing.code());
    }
  }

  private static String text(HeldFiles held) throws IOException {
    byte[] bytes = Channels.newInputStream(held.open("name")).readAllBytes();
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

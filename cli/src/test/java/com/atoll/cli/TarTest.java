package com.atoll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.cli.tar.TarReader;
import com.atoll.cli.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarTest {
  @Test
  void aTreeComesOutAsItWentIn(@TempDir Path from, @TempDir Path to) throws Exception {
    String deep = "d".repeat(90) + "/" + "f".repeat(90);
    Files.createDirectories(from.resolve(deep).getParent());
    Files.writeString(from.resolve(deep), "deep");
    Files.write(from.resolve("block"), new byte[1024]);
    Files.createDirectories(from.resolve("node_modules/x"));
    Files.writeString(from.resolve("run.sh"), "#!");
    assertTrue(from.resolve("run.sh").toFile().setExecutable(true));
    Files.createSymbolicLink(from.resolve("link"), Path.of("block"));
    new TarReader(new ByteArrayInputStream(tar(from))).unpack(to);
    assertEquals("deep", Files.readString(to.resolve(deep)));
    assertEquals(1024, Files.size(to.resolve("link")));
    assertTrue(Files.isSymbolicLink(to.resolve("link")));
    assertTrue(Files.isExecutable(to.resolve("run.sh")));
    assertFalse(Files.exists(to.resolve("node_modules")));
  }

  @Test
  void noEntryIsWrittenOutsideOrThroughALink(@TempDir Path from, @TempDir Path to)
      throws Exception {
    Files.createDirectories(from.resolve("AA"));
    Files.writeString(from.resolve("AA/escape"), "bad");
    byte[] dots = replace(tar(from), "AA/escape", "../escape");
    assertThrows(IOException.class, () -> new TarReader(new ByteArrayInputStream(dots)).unpack(to));
    Path outside = Files.createDirectory(to.resolve("outside"));
    Path inside = Files.createDirectory(to.resolve("inside"));
    Files.createSymbolicLink(inside.resolve("AA"), outside);
    byte[] good = tar(from);
    assertThrows(
        IOException.class, () -> new TarReader(new ByteArrayInputStream(good)).unpack(inside));
    assertFalse(Files.exists(outside.resolve("escape")));
  }

  private static byte[] tar(Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      tar.addTree(folder, List.of("node_modules"));
    }
    return bytes.toByteArray();
  }

  private static byte[] replace(byte[] archive, String from, String to) {
    String text = new String(archive, StandardCharsets.ISO_8859_1);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }
}

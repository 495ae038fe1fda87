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
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
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
  void permissionsComeAlong(@TempDir Path from, @TempDir Path to) throws Exception {
    String[] modes = {"rw-------", "r--r-----", "rwxr-x---", "rw-rw-rw-", "-wx--x--x"};
    for (String mode : modes) {
      Files.writeString(from.resolve(mode), mode);
      set(from.resolve(mode), mode);
    }
    Files.createDirectories(from.resolve("closed/in"));
    Files.writeString(from.resolve("closed/in/file"), "x");
    set(from.resolve("closed/in"), "r-xr-x---");
    set(from.resolve("closed"), "rwx------");
    byte[] packed = tar(from);
    for (int times = 0; times < 2; times++) {
      assertEquals(List.of(), new TarReader(new ByteArrayInputStream(packed)).unpack(to));
      for (String mode : modes) {
        assertEquals(mode, mode(to.resolve(mode)));
      }
      assertEquals("rwx------", mode(to.resolve("closed")));
      assertEquals("r-xr-x---", mode(to.resolve("closed/in")));
    }
    set(from.resolve("closed/in"), "rwx------");
    set(to.resolve("closed/in"), "rwx------");
  }

  @Test
  void whatIsLeftOutIsTold(@TempDir Path from, @TempDir Path to) throws Exception {
    Files.writeString(from.resolve("file"), "x");
    Process made = new ProcessBuilder("mkfifo", from.resolve("pipe").toString()).start();
    assertEquals(0, made.waitFor());
    try (TarWriter tar = new TarWriter(new ByteArrayOutputStream())) {
      assertEquals(1, tar.addTree(from, List.of()));
      assertEquals(List.of("pipe"), tar.skipped());
    }
    Process packed = new ProcessBuilder("tar", "-cf", "-", "-C", from.toString(), ".").start();
    try (TarReader tar = new TarReader(packed.getInputStream())) {
      assertEquals(List.of("./pipe"), tar.unpack(to));
    }
    assertTrue(Files.exists(to.resolve("file")));
  }

  @Test
  void theOtherFormatsOfTarAreUnderstood(@TempDir Path from, @TempDir Path to) throws Exception {
    String inTwoParts = "d".repeat(90) + "/" + "f".repeat(90);
    String inOne = "n".repeat(200);
    Files.createDirectories(from.resolve(inTwoParts).getParent());
    Files.writeString(from.resolve(inTwoParts), "two");
    for (String format : List.of("ustar", "pax", "gnu")) {
      if (!format.equals("ustar")) {
        Files.writeString(from.resolve(inOne), "one");
        Files.deleteIfExists(from.resolve("link"));
        Files.createSymbolicLink(from.resolve("link"), Path.of(inOne));
      }
      Process packed =
          new ProcessBuilder("tar", "--format=" + format, "-cf", "-", "-C", from.toString(), ".")
              .start();
      Path target = to.resolve(format);
      try (TarReader tar = new TarReader(packed.getInputStream(), "./")) {
        assertEquals(List.of(), tar.unpack(target));
      }
      assertEquals("two", Files.readString(target.resolve(inTwoParts)));
      if (!format.equals("ustar")) {
        assertEquals("one", Files.readString(target.resolve("link")));
      }
    }
  }

  @Test
  void aFileMayBeLongerThanAnArray(@TempDir Path from) throws Exception {
    long size = (1L << 31) + 5;
    try (RandomAccessFile sparse = new RandomAccessFile(from.resolve("long").toFile(), "rw")) {
      sparse.setLength(size);
    }
    try (TarWriter tar = new TarWriter(OutputStream.nullOutputStream())) {
      assertEquals(1, tar.addTree(from, List.of()));
      assertEquals(List.of(), tar.changed());
    }
  }

  @Test
  void aFileIsAsLongAsWasSaidBeforeAndThatIsTold(@TempDir Path to) throws Exception {
    // Their length is said to be 0, and there is something in them.
    Path growing = Path.of("/proc/sys/kernel/random");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(packed)) {
      tar.addTree(growing, List.of());
      assertTrue(tar.changed().contains("uuid"), tar.changed().toString());
    }
    new TarReader(new ByteArrayInputStream(packed.toByteArray())).unpack(to);
    assertEquals(0, Files.size(to.resolve("uuid")));
    byte[] cut = Arrays.copyOf(packed.toByteArray(), 1024);
    assertThrows(IOException.class, () -> new TarReader(new ByteArrayInputStream(cut)).unpack(to));
  }

  private static void set(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
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

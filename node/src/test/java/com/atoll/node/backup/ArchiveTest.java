package com.atoll.node.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ArchiveTest {
  private static final long SEED = 20_261_127;
  private static final byte[] WORDS = "correct horse".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  /** Keeps what was read, as text. */
  private static final class Listing implements ArchiveReader.Taker {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void begin(String section) {
      text.append('[').append(section);
    }

    @Override
    public void entry(Entry entry) {
      text.append(' ').append(entry.path());
    }

    @Override
    public void data(byte[] bytes) {
      text.append(':').append(bytes.length);
    }

    @Override
    public void end() {
      text.append(']');
    }
  }

  private static byte[] archive(@Nullable Passphrase passphrase, String content)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Preface preface =
        new Preface(
            Preface.FORMAT,
            "1",
            "abcd",
            "2026-11-27T00:00:00Z",
            18,
            passphrase == null ? null : passphrase.sealing());
    try (ArchiveWriter writer = new ArchiveWriter(out, preface, passphrase)) {
      writer.begin("settings");
      writer.entry(Entry.file("atoll.conf", 0644));
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      writer.data(bytes, 0, bytes.length);
      writer.end();
      writer.begin("images");
      writer.entry(Entry.file("large", 0600));
      byte[] random = new byte[3 << 20];
      new Random(SEED).nextBytes(random);
      writer.data(random, 0, random.length);
      writer.end();
      writer.finish();
    }
    return out.toByteArray();
  }

  private String read(byte[] bytes, @Nullable Passphrase passphrase) throws IOException {
    Listing listing = new Listing();
    new ArchiveReader(Source.file(Files.write(folder.resolve("backup"), bytes)))
        .read(listing, passphrase);
    return listing.text.toString();
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    assertEquals(
        "[settings atoll.conf:5][images large:1048576:1048576:1048576]",
        read(archive(null, "a = b"), null));
  }

  @Test
  void everyChangeIsFound() throws IOException {
    byte[] whole = archive(null, "a = b");
    Random random = new Random(SEED);
    for (int i = 0; i < 60; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      assertThrows(IOException.class, () -> read(changed, null), "seed " + SEED + ", " + i);
    }
    for (int at = whole.length - 60; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      assertThrows(IOException.class, () -> read(changed, null));
    }
  }

  @Test
  void everyEndTooSoonIsFound() throws IOException {
    byte[] whole = archive(null, "a = b");
    Random random = new Random(SEED);
    for (int i = 0; i < 40; i++) {
      byte[] cut = Arrays.copyOf(whole, i < 5 ? i : random.nextInt(whole.length));
      assertThrows(IOException.class, () -> read(cut, null));
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThrows(IOException.class, () -> read(longer, null));
  }

  @Test
  void theRightPassphraseOpensAndNoOtherOne() throws IOException {
    Passphrase passphrase = Passphrase.fresh(WORDS);
    byte[] whole = archive(passphrase, "a = b");
    Files.write(folder.resolve("sealed"), whole);
    Preface preface = new ArchiveReader(Source.file(folder.resolve("sealed"))).preface();
    Preface.Sealing sealing = preface.sealing();
    assertTrue(sealing != null);
    Passphrase again = Passphrase.of(WORDS, sealing);
    assertTrue(read(whole, again).startsWith("[settings"));
    assertEquals(
        "secret",
        new String(
            again.open(passphrase.seal("secret".getBytes(StandardCharsets.UTF_8))),
            StandardCharsets.UTF_8));
    byte[] wrong = "incorrect horse".getBytes(StandardCharsets.UTF_8);
    assertThrows(IOException.class, () -> Passphrase.of(wrong, sealing));
  }

  /** Whoever changes a sealed backup can make its digests right, not what the passphrase says. */
  @Test
  void aChangeWithDigestsMadeRightIsFoundWithThePassphrase() throws IOException {
    Passphrase passphrase = Passphrase.fresh(WORDS);
    byte[] original = archive(passphrase, "a = b");
    byte[] forged = archive(null, "a = c");
    int line = indexOfLineEnd(original);
    byte[] inner = Arrays.copyOfRange(forged, indexOfLineEnd(forged), forged.length - 40);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DigestOutput digest = new DigestOutput(out);
    digest.write(original, 0, line);
    digest.write(inner);
    byte[] sum = digest.digest();
    out.writeBytes(ArchiveWriter.TRAILER);
    out.writeBytes(sum);
    assertTrue(read(out.toByteArray(), null).contains("atoll.conf"));
    assertThrows(IOException.class, () -> read(out.toByteArray(), passphrase));
  }

  private static int indexOfLineEnd(byte[] bytes) {
    int at = 0;
    while (bytes[at] != '\n') {
      at++;
    }
    return at + 1;
  }
}

package com.atoll.node.backup;

import com.atoll.node.backup.Manifest.Section;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a backup from its beginning to its end, and believes nothing that its digests do not say.
 */
final class ArchiveReader {
  private static final int BUFFER = 1 << 16;
  private static final long LONGEST_MANIFEST = 64 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Source source;

  ArchiveReader(Source source) {
    this.source = source;
  }

  /**
   * What becomes of the content. Whatever was taken is worth nothing unless the reading ends well.
   */
  interface Taker {
    void begin(String section) throws IOException;

    void entry(Entry entry) throws IOException;

    void data(byte[] bytes) throws IOException;

    void end() throws IOException;
  }

  Preface preface() throws IOException {
    try (InputStream in = new BufferedInputStream(source.open(), BUFFER)) {
      return Preface.read(in);
    }
  }

  /** Reads it all. */
  Manifest read(Taker taker, @Nullable Passphrase passphrase) throws IOException {
    long end = source.size() - ArchiveWriter.TRAILER.length - Digests.BYTES;
    try (InputStream in = new BufferedInputStream(source.open(), BUFFER)) {
      Bounded bounded = new Bounded(in, end);
      Preface preface = Preface.read(bounded);
      Manifest manifest;
      try (Zstd zstd = Zstd.decompressor(bounded)) {
        DataInputStream inside =
            new DataInputStream(new BufferedInputStream(zstd.output(), BUFFER));
        manifest = inside(inside, taker, preface, passphrase);
        zstd.finish();
      } catch (EOFException e) {
        throw new DamagedBackupException("it ends too soon");
      }
      trailer(in, bounded.digest.digest());
      return manifest;
    }
  }

  private static void trailer(InputStream in, byte[] digest) throws IOException {
    byte[] mark = in.readNBytes(ArchiveWriter.TRAILER.length);
    byte[] stored = in.readNBytes(Digests.BYTES);
    if (!Arrays.equals(mark, ArchiveWriter.TRAILER)) {
      throw new DamagedBackupException("its end is missing");
    }
    if (!MessageDigest.isEqual(stored, digest)) {
      throw new DamagedBackupException("its digest is not that of its content");
    }
  }

  private static Manifest inside(
      DataInputStream inside, Taker taker, Preface preface, @Nullable Passphrase passphrase)
      throws IOException {
    List<Section> found = new ArrayList<>();
    Frame frame = Frame.read(inside);
    while (frame.kind() == Frame.SECTION) {
      found.add(section(frame, inside, taker));
      frame = Frame.read(inside);
    }
    ByteArrayOutputStream manifest = new ByteArrayOutputStream();
    while (frame.kind() == Frame.MANIFEST && manifest.size() < LONGEST_MANIFEST) {
      manifest.writeBytes(frame.payload());
      frame = Frame.read(inside);
    }
    if (frame.kind() != Frame.CODE || inside.read() >= 0) {
      throw new DamagedBackupException("its parts are not in their order");
    }
    if (passphrase != null
        && !MessageDigest.isEqual(
            frame.payload(), passphrase.code(preface.line(), manifest.toByteArray()))) {
      throw new IOException(
          "the passphrase is not the one that the backup was sealed with, or the backup was changed");
    }
    Manifest said = json(manifest.toByteArray(), Manifest.class);
    if (!said.sections().equals(found)) {
      throw new DamagedBackupException("it does not hold what it says");
    }
    return said;
  }

  private static Section section(Frame first, DataInputStream inside, Taker taker)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    update(digest, first);
    String name = new String(first.payload(), StandardCharsets.UTF_8);
    taker.begin(name);
    long entries = 0;
    long bytes = 0;
    Frame frame = Frame.read(inside);
    while (frame.kind() != Frame.END) {
      update(digest, frame);
      switch (frame.kind()) {
        case Frame.ENTRY -> {
          entries++;
          taker.entry(json(frame.payload(), Entry.class));
        }
        case Frame.DATA -> {
          bytes += frame.payload().length;
          taker.data(frame.payload());
        }
        default -> throw new DamagedBackupException("its parts are not in their order");
      }
      frame = Frame.read(inside);
    }
    byte[] sum = digest.digest();
    if (!MessageDigest.isEqual(sum, frame.payload())) {
      throw new DamagedBackupException("the part " + name + " was changed");
    }
    taker.end();
    return new Section(name, entries, bytes, HexFormat.of().formatHex(sum));
  }

  private static void update(MessageDigest digest, Frame frame) {
    digest.update(frame.kind());
    digest.update(frame.payload());
  }

  private static <T> T json(byte[] text, Class<T> type) throws IOException {
    try {
      return JSON.readValue(text, type);
    } catch (JacksonException e) {
      throw new DamagedBackupException("a part of it is not what it should be");
    }
  }

  /** The file up to its trailer, with the digest of what was read. */
  private static final class Bounded extends FilterInputStream {
    private final MessageDigest digest = Digests.sha256();
    private long left;

    Bounded(InputStream in, long length) {
      super(in);
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int n = super.read(to, offset, (int) Math.min(length, left));
      if (n > 0) {
        digest.update(to, offset, n);
        left -= n;
      }
      return n;
    }
  }
}

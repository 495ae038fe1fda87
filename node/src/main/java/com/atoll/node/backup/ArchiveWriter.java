package com.atoll.node.backup;

import com.atoll.node.backup.Manifest.Section;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a backup: a line that says what it is, frames compressed with zstd, and the digest of
 * both.
 */
final class ArchiveWriter implements AutoCloseable {
  /** Before the digest. */
  static final byte[] TRAILER = "ATOLLEND".getBytes(StandardCharsets.US_ASCII);

  private static final int BUFFER = 1 << 16;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Preface preface;
  private final @Nullable Passphrase passphrase;
  private final DigestOutput whole;
  private final Zstd zstd;
  private final DataOutputStream inside;
  private final List<Section> sections = new ArrayList<>();
  private final MessageDigest section = Digests.sha256();
  private String name = "";
  private long entries;
  private long bytes;

  /** Begins one; {@code to} is not closed. */
  ArchiveWriter(OutputStream to, Preface preface, @Nullable Passphrase passphrase)
      throws IOException {
    this.preface = preface;
    this.passphrase = passphrase;
    whole = new DigestOutput(to);
    whole.write(preface.line());
    zstd = Zstd.compressor(whole);
    inside = new DataOutputStream(new BufferedOutputStream(zstd.input(), BUFFER));
  }

  /** Begins a part. */
  void begin(String section) throws IOException {
    name = section;
    entries = 0;
    bytes = 0;
    this.section.reset();
    put(Frame.SECTION, section.getBytes(StandardCharsets.UTF_8));
  }

  /** A file, folder or tree of the part; its bytes follow. */
  void entry(Object described) throws IOException {
    entries++;
    put(Frame.ENTRY, JSON.writeValueAsBytes(described));
  }

  /** Bytes of the entry. */
  void data(byte[] from, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int now = Math.min(Frame.LONGEST, length - done);
      put(Frame.DATA, Arrays.copyOfRange(from, offset + done, offset + done + now));
      done += now;
    }
    bytes += length;
  }

  /** The same as a stream; closing it does nothing. */
  OutputStream data() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        data(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        data(from, offset, length);
      }
    };
  }

  /** Ends the part. */
  Section end() throws IOException {
    byte[] digest = section.digest();
    new Frame(Frame.END, digest).write(inside);
    Section done = new Section(name, entries, bytes, HexFormat.of().formatHex(digest));
    sections.add(done);
    return done;
  }

  private void put(byte kind, byte[] payload) throws IOException {
    section.update(kind);
    section.update(payload);
    new Frame(kind, payload).write(inside);
  }

  /** Writes what is in it, and the end. */
  void finish() throws IOException {
    byte[] manifest = JSON.writeValueAsBytes(new Manifest(sections));
    for (int at = 0; at < manifest.length; at += Frame.LONGEST) {
      byte[] part = Arrays.copyOfRange(manifest, at, Math.min(manifest.length, at + Frame.LONGEST));
      new Frame(Frame.MANIFEST, part).write(inside);
    }
    byte[] code = passphrase == null ? new byte[0] : passphrase.code(preface.line(), manifest);
    new Frame(Frame.CODE, code).write(inside);
    inside.close();
    zstd.finish();
    byte[] digest = whole.digest();
    whole.write(TRAILER);
    whole.write(digest);
    whole.flush();
  }

  @Override
  public void close() {
    zstd.close();
  }
}

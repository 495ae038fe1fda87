package com.atoll.node.backup;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * What the inside of a backup consists of: a kind (one of the constants), a length, so many bytes.
 */
final class Frame {
  /** A section begins; its name. */
  static final byte SECTION = 'S';

  /** A file or folder of the section begins, or a tree; JSON. */
  static final byte ENTRY = 'F';

  /** Bytes of what began last. */
  static final byte DATA = 'D';

  /** The section ends; the SHA-256 of its frames. */
  static final byte END = 'E';

  /** What the backup holds; JSON. After all sections. */
  static final byte MANIFEST = 'M';

  /** The last one: the code of the manifest under the passphrase's key, or nothing. */
  static final byte CODE = 'Z';

  static final int LONGEST = 1 << 20;

  private final byte kind;
  private final byte[] payload;

  /** One with at most {@link #LONGEST} bytes. */
  Frame(byte kind, byte[] payload) {
    this.kind = kind;
    this.payload = payload;
  }

  byte kind() {
    return kind;
  }

  byte[] payload() {
    return payload;
  }

  void write(DataOutputStream to) throws IOException {
    to.writeByte(kind);
    to.writeInt(payload.length);
    to.write(payload);
  }

  static Frame read(DataInputStream from) throws IOException {
    byte kind = from.readByte();
    int length = from.readInt();
    if (length < 0 || length > LONGEST) {
      throw new DamagedBackupException("a part of it is longer than any");
    }
    byte[] payload = from.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame(kind, payload);
  }
}

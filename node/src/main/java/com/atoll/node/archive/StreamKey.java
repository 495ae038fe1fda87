package com.atoll.node.archive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Seals the segments of one stream, after the STREAM construction (Hoang, Reyhanitabar, Rogaway,
 * Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015). The
 * nonce of a segment is its number and whether it is the last one, so that a stream that was cut,
 * reordered, repeated or spliced does not open. Every stream has a key of its own: a fresh salt is
 * drawn for each, so that no nonce is ever used twice with one key.
 */
final class StreamKey {
  static final int SEGMENT = 1 << 20;
  static final int TAG = 16;
  static final int SALT = 32;
  private static final byte[] MAGIC = "ATOLSNP1".getBytes(StandardCharsets.US_ASCII);
  static final int HEADER = MAGIC.length + SALT;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] salt;
  private final SecretKey key;
  private final Cipher cipher;
  private int next;

  private StreamKey(byte[] secret, byte[] salt, String purpose) {
    this.salt = salt;
    try {
      key =
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  "AES",
                  HKDFParameterSpec.ofExtract()
                      .addIKM(secret)
                      .addSalt(salt)
                      .thenExpand(
                          ("atoll snapshot archive: " + purpose).getBytes(StandardCharsets.UTF_8),
                          32));
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** For a new stream. */
  static StreamKey fresh(byte[] secret, String purpose) {
    byte[] salt = new byte[SALT];
    RANDOM.nextBytes(salt);
    return new StreamKey(secret, salt, purpose);
  }

  /** For the stream that begins with this header. */
  static StreamKey of(byte[] secret, byte[] header, String purpose) throws DamagedArchiveException {
    if (header.length != HEADER
        || !Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new DamagedArchiveException("it does not begin as an archived snapshot does");
    }
    byte[] salt = Arrays.copyOfRange(header, MAGIC.length, HEADER);
    return new StreamKey(secret, salt, purpose);
  }

  byte[] header() {
    return ByteBuffer.allocate(HEADER).put(MAGIC).put(salt).array();
  }

  byte[] salt() {
    return salt.clone();
  }

  byte[] seal(byte[] plain, int length, boolean last) {
    try {
      return run(Cipher.ENCRYPT_MODE, plain, length, last);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a segment could not be sealed", e);
    }
  }

  byte[] open(byte[] sealed, int length, boolean last) throws DamagedArchiveException {
    try {
      return run(Cipher.DECRYPT_MODE, sealed, length, last);
    } catch (GeneralSecurityException e) {
      throw new DamagedArchiveException("segment " + next + " was changed, or the object was cut");
    }
  }

  private byte[] run(int mode, byte[] input, int length, boolean last)
      throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(12).putInt(7, next).put(11, (byte) (last ? 1 : 0)).array();
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
    cipher.updateAAD(MAGIC);
    byte[] output = cipher.doFinal(input, 0, length);
    next = Math.incrementExact(next);
    return output;
  }
}

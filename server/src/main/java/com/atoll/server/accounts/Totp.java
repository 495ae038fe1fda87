package com.atoll.server.accounts;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One-time codes of RFC 6238 as authenticator apps make them: SHA-1, 30 seconds, six digits. */
final class Totp {
  private static final int STEP_SECONDS = 30;
  private static final int MODULUS = 1_000_000;
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final SecureRandom RANDOM = new SecureRandom();

  private Totp() {}

  static byte[] newSecret() {
    byte[] secret = new byte[20];
    RANDOM.nextBytes(secret);
    return secret;
  }

  /**
   * The step whose code was given, one step early or late allowed; 0 when none after the last used
   * one matches.
   */
  static long step(byte[] secret, String code, long nowSeconds, long lastUsed) {
    long now = nowSeconds / STEP_SECONDS;
    for (long step = now - 1; step <= now + 1; step++) {
      boolean same =
          MessageDigest.isEqual(
              code(secret, step).getBytes(StandardCharsets.US_ASCII),
              code.getBytes(StandardCharsets.UTF_8));
      if (same && step > lastUsed) {
        return step;
      }
    }
    return 0;
  }

  static String code(byte[] secret, long step) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret, "HmacSHA1"));
      byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
      int at = hash[hash.length - 1] & 0xf;
      int number = ByteBuffer.wrap(hash, at, 4).getInt() & 0x7fffffff;
      return String.format(Locale.ROOT, "%06d", number % MODULUS);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The secret as apps read it. */
  static String base32(byte[] secret) {
    StringBuilder text = new StringBuilder();
    long buffer = 0;
    int bits = 0;
    for (byte b : secret) {
      buffer = buffer << 8 | (b & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(BASE32.charAt((int) (buffer >> bits & 31)));
      }
      buffer &= (1L << bits) - 1;
    }
    return text.toString();
  }
}

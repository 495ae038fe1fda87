package com.atoll.node.backup;

import com.atoll.node.backup.Preface.Sealing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * The keys that follow from a passphrase by Argon2id: one seals the secrets (AES-256-GCM), one
 * vouches for the manifest (HMAC-SHA-256).
 */
final class Passphrase {
  /** What guards the master key for years may take a second. */
  private static final int MEMORY_KB = 128 * 1024;

  private static final int MOST_MEMORY_KB = 1024 * 1024;
  private static final int PASSES = 3;
  private static final int MOST_PASSES = 16;
  private static final int NONCE = 12;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SecretKeySpec sealer;
  private final SecretKeySpec voucher;

  private final String salt;
  private final int memoryKb;
  private final int passes;

  private Passphrase(byte[] passphrase, String salt, int memoryKb, int passes) {
    this.salt = salt;
    this.memoryKb = memoryKb;
    this.passes = passes;
    byte[] keys = new byte[64];
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKb)
            .withIterations(passes)
            .withParallelism(1)
            .withSalt(HexFormat.of().parseHex(salt))
            .build());
    generator.generateBytes(passphrase, keys);
    sealer = new SecretKeySpec(keys, 0, 32, "AES");
    voucher = new SecretKeySpec(keys, 32, 32, "HmacSHA256");
  }

  /** For a new backup. */
  static Passphrase fresh(byte[] passphrase) {
    byte[] salt = new byte[16];
    RANDOM.nextBytes(salt);
    return new Passphrase(passphrase, HexFormat.of().formatHex(salt), MEMORY_KB, PASSES);
  }

  /** For one that was sealed so. */
  static Passphrase of(byte[] passphrase, Sealing sealing) throws IOException {
    if (sealing.memoryKb() > MOST_MEMORY_KB
        || sealing.memoryKb() < 8
        || sealing.passes() < 1
        || sealing.passes() > MOST_PASSES
        || !sealing.salt().matches("[0-9a-f]{32}")) {
      throw new DamagedBackupException("its first line asks for a key that nobody makes");
    }
    Passphrase made =
        new Passphrase(passphrase, sealing.salt(), sealing.memoryKb(), sealing.passes());
    if (!MessageDigest.isEqual(
        made.check().getBytes(StandardCharsets.US_ASCII),
        sealing.check().getBytes(StandardCharsets.US_ASCII))) {
      throw new IOException("the passphrase is not the one that the backup was sealed with");
    }
    return made;
  }

  Sealing sealing() {
    return new Sealing(salt, memoryKb, passes, check());
  }

  /** Tells a wrong passphrase at once; whoever guesses has the sealed secrets to try on anyway. */
  private String check() {
    return HexFormat.of().formatHex(code(HexFormat.of().parseHex(salt), new byte[0]));
  }

  byte[] seal(byte[] plain) {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(plain);
      return ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("secrets cannot be sealed", e);
    }
  }

  byte[] open(byte[] sealed) throws IOException {
    if (sealed.length < NONCE) {
      throw new DamagedBackupException("its secrets are cut off");
    }
    try {
      return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE))
          .doFinal(sealed, NONCE, sealed.length - NONCE);
    } catch (AEADBadTagException e) {
      throw new IOException("the passphrase is not the one that the backup was sealed with", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("the secrets cannot be opened", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, sealer, new GCMParameterSpec(128, nonce));
    return cipher;
  }

  /** What only who knows the passphrase can say of these bytes. */
  byte[] code(byte[] preface, byte[] manifest) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(voucher);
      mac.update(preface);
      return mac.doFinal(manifest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a code cannot be made", e);
    }
  }
}

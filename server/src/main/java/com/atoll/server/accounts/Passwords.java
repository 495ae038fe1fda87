package com.atoll.server.accounts;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes passwords with Argon2id, 19 MiB and two passes. Few at a time: each takes memory and time,
 * and nobody may have the server spend all of it.
 */
final class Passwords {
  private static final int MEMORY_KB = 19_456;
  private static final int PASSES = 2;
  private static final int LENGTH = 32;
  private static final int AT_ONCE = 2;
  private static final long PATIENCE_SECONDS = 5;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private final Semaphore places = new Semaphore(AT_ONCE, true);

  /** What nobody's password is: verified for unknown addresses, so that they take the same time. */
  private final String nobody = hash("nobody");

  String hash(String password) {
    byte[] salt = new byte[16];
    RANDOM.nextBytes(salt);
    byte[] hash = derive(password, salt, MEMORY_KB, PASSES, LENGTH);
    return "$argon2id$v=19$m="
        + MEMORY_KB
        + ",t="
        + PASSES
        + ",p=1$"
        + encode(salt)
        + "$"
        + encode(hash);
  }

  boolean matches(String password, String stored) {
    Matcher parts = FORM.matcher(stored);
    if (!parts.matches()) {
      throw new IllegalStateException("a stored password is not of the form of Argon2id");
    }
    byte[] wanted = Base64.getDecoder().decode(parts.group(4));
    byte[] found =
        derive(
            password,
            Base64.getDecoder().decode(parts.group(3)),
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            wanted.length);
    return MessageDigest.isEqual(wanted, found);
  }

  void matchNobody(String password) {
    boolean matched = matches(password, nobody);
    if (matched) {
      throw AtollException.of(ErrorCode.LOGIN_FAILED);
    }
  }

  private byte[] derive(String password, byte[] salt, int memoryKb, int passes, int length) {
    boolean placed = false;
    try {
      placed = places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!placed) {
        throw AtollException.of(ErrorCode.NO_CAPACITY, "too many logins at once");
      }
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(memoryKb)
              .withIterations(passes)
              .withParallelism(1)
              .withSalt(salt)
              .build());
      FutureTask<byte[]> work =
          new FutureTask<>(() -> {
            byte[] hash = new byte[length];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
          });
      // It computes for long: on a virtual thread it would keep all requests from their carrier.
      Thread.ofPlatform().daemon().name("password").start(work);
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AtollException.causedBy(e, ErrorCode.NO_CAPACITY, "the server stops");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a password could not be hashed", e.getCause());
    } finally {
      if (placed) {
        places.release();
      }
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }
}

package com.atoll.server.identity;

import com.atoll.model.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/** The secret of an API key: 256 random bits. Only its hash is stored. */
public record KeySecret(String value) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern FORM =
      Pattern.compile("(msk_(live|test|u|a|p)|mus)_[A-Za-z0-9_-]{43}");
  private static final int HIDDEN = 39;

  /** A new secret for a key of this role. */
  public static KeySecret next(Role role) {
    return after(role.keyPrefix());
  }

  /** A new secret for a key that acts on test resources. */
  public static KeySecret nextTest() {
    return after("msk_test_");
  }

  /** A new secret for the session of a person who logged in. */
  public static KeySecret nextSession() {
    return after("mus_");
  }

  private static KeySecret after(String prefix) {
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    return new KeySecret(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  /** Whether a text has the form of a secret. */
  public static boolean isOne(String text) {
    return text.length() < 100 && FORM.matcher(text).matches();
  }

  /** What is stored and looked up. */
  public byte[] hash() {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The beginning of the secret, by which its owner recognizes it. */
  public String prefix() {
    return value.substring(0, value.length() - HIDDEN);
  }

  @Override
  public String toString() {
    return prefix() + "…";
  }
}

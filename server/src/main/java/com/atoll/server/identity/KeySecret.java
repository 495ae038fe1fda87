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
  private static final Pattern FORM = Pattern.compile("msk_(live|u|a|p)_[A-Za-z0-9_-]{43}");
  private static final int SHOWN = 4;

  /** A new secret for a key of this role. */
  public static KeySecret next(Role role) {
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    return new KeySecret(
        role.keyPrefix() + Base64.getUrlEncoder().withoutPadding().encodeToString(random));
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
    return value.substring(0, value.indexOf('_', 4) + 1 + SHOWN);
  }

  @Override
  public String toString() {
    return prefix() + "…";
  }
}

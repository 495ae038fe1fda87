package com.atoll.server.ssh;

import com.atoll.model.AtollException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A public key as OpenSSH writes it.
 *
 * @param type its algorithm
 * @param blob its wire form, which begins with the type
 * @param comment what followed it in the line
 */
@SuppressWarnings("ArrayRecordComponent")
record SshKey(String type, byte[] blob, String comment) {
  static final int LONGEST = 8_000;
  static final String ED25519 = "ssh-ed25519";
  private static final int ED25519_BYTES = 32;
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_RSA_BITS = 16_384;
  private static final int LONGEST_COMMENT = 200;
  private static final Pattern SPACE = Pattern.compile("[ \t]+");

  /** The types that are taken, and how many fields a key of each has after its type. */
  private static final Map<String, Integer> FIELDS =
      Map.of(
          ED25519,
          1,
          "sk-ssh-ed25519@openssh.com",
          2,
          "ecdsa-sha2-nistp256",
          2,
          "ecdsa-sha2-nistp384",
          2,
          "ecdsa-sha2-nistp521",
          2,
          "sk-ecdsa-sha2-nistp256@openssh.com",
          3,
          "ssh-rsa",
          2);

  private static final Set<Integer> POINTS = Set.of(65, 97, 133);

  /** Reads one line such as {@code ssh-ed25519 AAAA… name}. */
  static SshKey parse(String line) {
    String text = line.strip();
    if (text.length() > LONGEST || text.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      throw refused("must be one line of at most " + LONGEST + " characters");
    }
    String[] words = SPACE.split(text, 3);
    Integer fields = words.length < 2 ? null : FIELDS.get(words[0]);
    if (fields == null) {
      throw refused(
          "must be a line such as \"ssh-ed25519 AAAA… name\" of one of the types "
              + String.join(", ", FIELDS.keySet().stream().sorted().toList()));
    }
    byte[] blob = decode(words[1]);
    check(words[0], fields, blob);
    String comment = words.length < 3 ? "" : words[2];
    return new SshKey(
        words[0], blob, comment.substring(0, Math.min(comment.length(), LONGEST_COMMENT)));
  }

  /** An Ed25519 key by its 32 bytes. */
  static SshKey ed25519(byte[] raw, String comment) {
    return new SshKey(ED25519, new Wire().string(ED25519).string(raw).bytes(), comment);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException notBase64) {
      throw refused("is not base64 after its type");
    }
  }

  private static void check(String type, int fields, byte[] blob) {
    ByteBuffer in = ByteBuffer.wrap(blob);
    try {
      if (!new String(string(in), StandardCharsets.UTF_8).equals(type)) {
        throw refused("says another type inside");
      }
      for (int i = 0; i < fields; i++) {
        checkField(type, i, string(in));
      }
    } catch (BufferUnderflowException cut) {
      throw refused("is cut");
    }
    if (in.hasRemaining()) {
      throw refused("has bytes after its end");
    }
  }

  private static void checkField(String type, int index, byte[] field) {
    if (type.endsWith("ed25519") || type.startsWith("sk-ssh-ed25519")) {
      require(index > 0 || field.length == ED25519_BYTES, "is not an Ed25519 key");
    } else if (type.contains("ecdsa")) {
      require(index != 1 || (POINTS.contains(field.length) && field[0] == 4), "is not a point");
    } else if (index == 1) {
      int bits = new BigInteger(field).bitLength();
      require(bits >= LEAST_RSA_BITS, "is an RSA key of less than " + LEAST_RSA_BITS + " bits");
      require(bits <= MOST_RSA_BITS, "is an RSA key of more than " + MOST_RSA_BITS + " bits");
    }
  }

  private static byte[] string(ByteBuffer in) {
    int length = in.getInt();
    if (length < 1 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void require(boolean fine, String problem) {
    if (!fine) {
      throw refused(problem);
    }
  }

  private static AtollException refused(String problem) {
    return AtollException.invalid("public_key", problem);
  }

  /** What follows the type in its wire form. */
  byte[] fields() {
    int skipped = Integer.BYTES + type.length();
    byte[] rest = new byte[blob.length - skipped];
    System.arraycopy(blob, skipped, rest, 0, rest.length);
    return rest;
  }

  /** The type of a certificate of such a key. */
  String certificateType() {
    int at = type.indexOf('@');
    return (at < 0 ? type : type.substring(0, at)) + "-cert-v01@openssh.com";
  }

  /** Type and key as in an authorized_keys file, without the comment. */
  String line() {
    return type + " " + Base64.getEncoder().encodeToString(blob);
  }

  /** As {@code ssh-keygen -l} shows it. */
  String fingerprint() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(blob);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }
}

package com.atoll.server.outbound;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signatures of a delivery: the API's own two schemes, whose key is the text of the secret, and
 * Standard Webhooks, whose key is what follows {@code whsec_}, decoded.
 */
public final class Signature {
  static final String PREFIX = "whsec_";

  /** How many characters of a secret may be shown later. */
  public static final int SHOWN = 10;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Signature() {}

  /** A new secret: 256 random bits in the form of Standard Webhooks. */
  public static String newSecret() {
    byte[] key = new byte[32];
    RANDOM.nextBytes(key);
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /**
   * The headers that sign a body.
   *
   * @param id the id of the message, the same at each attempt
   * @param seconds the time of the attempt
   * @param secrets the present secret, and the one before while it still signs
   */
  public static Map<String, String> headers(
      String id, long seconds, byte[] body, List<String> secrets) {
    byte[] stamped = join(seconds + ".", body);
    byte[] named = join(id + "." + seconds + ".", body);
    StringBuilder own = new StringBuilder("t=").append(seconds);
    List<String> standard = new ArrayList<>();
    for (String secret : secrets) {
      own.append(",v1=").append(hex(text(secret), stamped));
      standard.add("v1," + Base64.getEncoder().encodeToString(mac(standardKey(secret), named)));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Miosa-Signature", own.toString());
    headers.put("X-MIOSA-Signature", "sha256=" + hex(text(secrets.getFirst()), body));
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", Long.toString(seconds));
    headers.put("webhook-signature", String.join(" ", standard));
    return headers;
  }

  private static byte[] standardKey(String secret) {
    if (secret.startsWith(PREFIX)) {
      try {
        byte[] key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        if (key.length > 0) {
          return key;
        }
      } catch (IllegalArgumentException notBase64) {
        return text(secret);
      }
    }
    return text(secret);
  }

  private static byte[] join(String head, byte[] body) {
    byte[] first = text(head);
    byte[] all = new byte[first.length + body.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(body, 0, all, first.length, body.length);
    return all;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] key, byte[] message) {
    return HexFormat.of().formatHex(mac(key, message));
  }

  private static byte[] mac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}

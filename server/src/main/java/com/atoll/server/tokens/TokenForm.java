package com.atoll.server.tokens;

import com.atoll.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens as they travel: a JWT of one fixed kind, HMAC with SHA-256 under a key of this
 * installation. Nothing of the head is believed but that it is this one.
 */
final class TokenForm {
  static final int LONGEST = 512;
  private static final String HEAD = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

  private final Supplier<byte[]> secret;

  TokenForm(Supplier<byte[]> secret) {
    this.secret = secret;
  }

  /** What a token says of itself. */
  record Claims(String id, String org, Instant expiresAt) {}

  /** Whether a credential has the form of a token, whoever signed it. */
  static boolean isOne(String bearer) {
    return bearer.startsWith("eyJ") && bearer.length() <= LONGEST;
  }

  String write(Claims claims) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("iss", "atoll");
    body.put("jti", claims.id());
    body.put("org", claims.org());
    body.put("exp", claims.expiresAt().getEpochSecond());
    String signed = HEAD + '.' + encode(Json.MAPPER.writeValueAsString(body));
    return signed + '.' + signature(signed);
  }

  /** The claims when the signature is ours and the time is not over. */
  Optional<Claims> read(String token, Instant now) {
    int last = token.lastIndexOf('.');
    if (last < 0
        || !token.startsWith(HEAD + '.')
        || token.indexOf('.', HEAD.length() + 1) != last) {
      return Optional.empty();
    }
    byte[] given = token.substring(last + 1).getBytes(StandardCharsets.US_ASCII);
    byte[] ours = signature(token.substring(0, last)).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(given, ours)) {
      return Optional.empty();
    }
    Claims claims = claims(token.substring(HEAD.length() + 1, last));
    return claims == null || !claims.expiresAt().isAfter(now)
        ? Optional.empty()
        : Optional.of(claims);
  }

  private static @Nullable Claims claims(String body) {
    try {
      JsonNode json = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(body));
      return new Claims(
          json.path("jti").asString(""),
          json.path("org").asString(""),
          Instant.ofEpochSecond(json.path("exp").asLong(0)));
    } catch (IllegalArgumentException | JacksonException malformed) {
      return null;
    }
  }

  private String signature(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.get(), "HmacSHA256"));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}

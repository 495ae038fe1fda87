package com.atoll.server.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.server.tokens.TokenForm.Claims;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokenFormTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Claims CLAIMS = new Claims("tok_1", "org_1", NOW.plusSeconds(60));

  private final TokenForm form = new TokenForm(() -> "secret".getBytes(StandardCharsets.US_ASCII));

  @Test
  void whatWasWrittenIsRead() {
    String token = form.write(CLAIMS);
    assertEquals(CLAIMS, form.read(token, NOW).orElseThrow());
    assertTrue(TokenForm.isOne(token));
  }

  @Test
  void anExpiredTokenIsNone() {
    assertTrue(form.read(form.write(CLAIMS), NOW.plusSeconds(60)).isEmpty());
  }

  @Test
  void aTokenOfAnotherSecretIsNone() {
    TokenForm other = new TokenForm(() -> "other".getBytes(StandardCharsets.US_ASCII));
    assertTrue(form.read(other.write(CLAIMS), NOW).isEmpty());
  }

  @Test
  void noChangeOfACharacterIsBelieved() {
    String token = form.write(CLAIMS);
    for (int i = 0; i < token.length(); i++) {
      char changed = token.charAt(i) == 'A' ? 'B' : 'A';
      String forged = token.substring(0, i) + changed + token.substring(i + 1);
      // The last character of the signature has two bits that mean nothing, and still must match.
      assertTrue(form.read(forged, NOW).isEmpty(), forged);
    }
  }

  @Test
  void aHeadThatNamesNoSignatureIsNone() {
    String body = form.write(CLAIMS).split("\\.", -1)[1];
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    assertTrue(form.read(none + "." + body + ".", NOW).isEmpty());
    assertTrue(form.read(none + "." + body, NOW).isEmpty());
    assertTrue(form.read("eyJ", NOW).isEmpty());
  }
}

package com.atoll.server.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignatureTest {
  private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);

  /** The example of the Standard Webhooks specification. */
  @Test
  void standardWebhooksSignsAsItsExampleDoes() {
    Map<String, String> headers =
        Signature.headers(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330L,
            BODY,
            List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assertEquals(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", headers.get("webhook-signature"));
    assertEquals("msg_p5jXN8AQM9LWM0D4loKWxJek", headers.get("webhook-id"));
    assertEquals("1614265330", headers.get("webhook-timestamp"));
  }

  /** Computed with {@code openssl dgst -sha256 -hmac}. */
  @Test
  void theOwnSchemesSignTheTextOfTheSecret() {
    Map<String, String> headers =
        Signature.headers(
            "evt_1",
            1_700_000_000L,
            "{}".getBytes(StandardCharsets.UTF_8),
            List.of("0123456789abcdef"));
    assertEquals(
        "t=1700000000,v1=e4f8e2ecae2295b2ddb2f0b5584c8275e226c0ebe9b3b819e70156bb67122e3e",
        headers.get("Miosa-Signature"));
    assertEquals(
        "sha256=f91e3e9f05cc2df64ac1c26f8adccdffda8d1e4a7a8c50a1a08eeadac6ddfec5",
        headers.get("X-MIOSA-Signature"));
  }

  @Test
  void whileASecretIsReplacedBothSign() {
    Map<String, String> both =
        Signature.headers(
            "evt_1", 5, BODY, List.of("the new secret is it", "the old secret was it"));
    Map<String, String> old = Signature.headers("evt_1", 5, BODY, List.of("the old secret was it"));
    assertEquals(2, both.getOrDefault("webhook-signature", "").split(" ", -1).length);
    assertTrue(
        both.getOrDefault("webhook-signature", "")
            .endsWith(old.getOrDefault("webhook-signature", "")));
    assertTrue(
        both.getOrDefault("Miosa-Signature", "")
            .endsWith(old.getOrDefault("Miosa-Signature", "").substring("t=5".length())));
    assertNotEquals(
        old.getOrDefault("X-MIOSA-Signature", ""), both.getOrDefault("X-MIOSA-Signature", ""));
  }

  @Test
  void newSecretsDifferAndHave256Bits() {
    String one = Signature.newSecret();
    assertNotEquals(one, Signature.newSecret());
    assertTrue(one.startsWith("whsec_"));
    assertEquals(32, java.util.Base64.getDecoder().decode(one.substring(6)).length);
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Logins of people: passwords, one-time codes, sessions. */
@Tag("fast")
@Tag("all")
final class AccountScenarioTest {
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final String OTHER = "another horse battery";

  private final Given given = new Given();
  private final Members members = new Members(given);
  private Members.Person person;

  @BeforeEach
  void join() {
    person = members.join("member");
  }

  @AfterEach
  void leave() {
    given.api.delete("/tenant/members/" + person.id()).expect(200);
  }

  private Reply login(String password, @Nullable String code) {
    Map<String, Object> wish = new HashMap<>();
    wish.put("email", person.email());
    wish.put("password", password);
    if (code != null) {
      wish.put("totp_code", code);
    }
    return given.api.withKey("").post("/auth/login", wish);
  }

  private Api session() {
    return given.api.withKey(login(Members.PASSWORD, null).expect(200).string("token"));
  }

  private static Map<String, Object> password(String now, String next) {
    return Map.of("current_password", now, "new_password", next);
  }

  /** The code of RFC 6238 that an authenticator app shows at this step of 30 seconds. */
  private static String code(String secret, long step) {
    ByteBuffer key = ByteBuffer.allocate(64);
    long bits = 0;
    int count = 0;
    for (int i = 0; i < secret.length(); i++) {
      bits = bits << 5 | BASE32.indexOf(secret.charAt(i));
      count += 5;
      if (count >= 8) {
        count -= 8;
        key.put((byte) (bits >> count));
      }
    }
    byte[] bytes = new byte[key.position()];
    key.flip().get(bytes);
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(bytes, "HmacSHA1"));
      byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
      int number = ByteBuffer.wrap(hash, hash[19] & 0xf, 4).getInt() & 0x7fffffff;
      return "%06d".formatted(number % 1_000_000);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long step() {
    return System.currentTimeMillis() / 30_000;
  }

  @Test
  void aCodeIsNeededAfterEnrollmentAndWorksOnce() {
    Api api = person.api();
    Map<String, Object> confirmed = Map.of("password", Members.PASSWORD);
    api.post("/auth/totp/confirm", Map.of("code", "000000")).expectError(409, "CONFLICT");
    api.post("/auth/totp", Map.of("password", OTHER)).expectError(403, "FORBIDDEN");
    Reply begun = api.post("/auth/totp", confirmed).expect(200);
    String secret = begun.string("secret");
    assertTrue(begun.text().contains("otpauth://totp/"), begun::toString);
    // A secret that nobody has confirmed asks nobody for a code.
    login(Members.PASSWORD, null).expect(200);
    long first = step();
    String wrong = code(secret, first + 1_000);
    api.post("/auth/totp/confirm", Map.of("code", wrong)).expectFieldError("code");
    Reply on = api.post("/auth/totp/confirm", Map.of("code", code(secret, first))).expect(200);
    api.post("/auth/totp", confirmed).expectError(409, "CONFLICT");

    login(Members.PASSWORD, null).expectError(401, "TOTP_REQUIRED");
    login(Members.PASSWORD, code(secret, first)).expectError(401, "LOGIN_FAILED");
    String next = code(secret, first + 1);
    login(OTHER, next).expectError(401, "LOGIN_FAILED");
    String token = login(Members.PASSWORD, next).expect(200).string("token");
    given.api.withKey(token).get("/auth/me").expect(200);
    login(Members.PASSWORD, next).expectError(401, "LOGIN_FAILED");

    String recovery = firstCode(on.json());
    login(Members.PASSWORD, recovery).expect(200);
    login(Members.PASSWORD, recovery).expectError(401, "LOGIN_FAILED");
    api.post("/auth/totp/disable", Map.of("password", OTHER)).expectError(403, "FORBIDDEN");
    api.post("/auth/totp/disable", confirmed).expect(200);
    login(Members.PASSWORD, null).expect(200);
  }

  private static String firstCode(JsonNode on) {
    for (Map.Entry<String, JsonNode> field : on.properties()) {
      if (field.getValue().isArray()) {
        return field.getValue().get(0).asString();
      }
    }
    throw new AssertionError(on.toString());
  }

  @Test
  void aChangedPasswordEndsEveryOtherSession() {
    Api other = session();
    Reply key = person.api().post("/api-keys", Map.of("name", "mine")).expect(201);
    other.get("/auth/me").expect(200);
    person
        .api()
        .post("/auth/password", password(OTHER, "yet another horse"))
        .expectError(403, "FORBIDDEN");
    person
        .api()
        .post("/auth/password", password(Members.PASSWORD, "short"))
        .expectFieldError("new_password");
    other.get("/auth/me").expect(200);
    person.api().post("/auth/password", password(Members.PASSWORD, OTHER)).expect(200);
    other.get("/auth/me").expectError(401, "invalid_token");
    person.api().get("/auth/me").expect(200);
    assertEquals(1, person.api().get("/auth/sessions").expect(200).json().path("data").size());
    // Keys are credentials of their own.
    given.api.withKey(key.json().path("data").path("key").asString()).get("/sandboxes").expect(200);
    login(Members.PASSWORD, null).expectError(401, "LOGIN_FAILED");
    login(OTHER, null).expect(200);
  }

  @Test
  void wrongPasswordsCountWhereverTheyAreTried() {
    for (int i = 0; i < 2; i++) {
      login(OTHER, null).expectError(401, "LOGIN_FAILED");
    }
    for (int i = 0; i < 3; i++) {
      person
          .api()
          .post("/auth/password", password(OTHER, "yet another horse"))
          .expectError(403, "FORBIDDEN");
    }
    Reply waits = login(Members.PASSWORD, null).expectError(429, "rate_limit_exceeded");
    assertNotEquals("", waits.header("retry-after"));
    Given.eventually(10, "it has waited", () -> login(Members.PASSWORD, null).status() == 200);
    // The count begins anew.
    login(OTHER, null).expectError(401, "LOGIN_FAILED");
    login(Members.PASSWORD, null).expect(200);
  }

  @Test
  void whoDoesNotExistIsToldNothingElse() {
    Reply nobody =
        given
            .api
            .withKey("")
            .post("/auth/login", Map.of("email", Members.address(), "password", OTHER));
    nobody.expectError(401, "LOGIN_FAILED");
    assertEquals(login(OTHER, null).string("message"), nobody.string("message"));
    given.api.get("/auth/me").expectError(403, "FORBIDDEN");
    given.api.post("/auth/totp", Map.of("password", OTHER)).expectError(403, "FORBIDDEN");
  }

  @Test
  void aSessionEndsByLoggingOutAndBelongsToItsPerson() {
    Api mine = session();
    String id = mine.get("/auth/me").expect(200).string("session_id");
    Members.Person other = members.join("admin");
    other.api().delete("/auth/sessions/" + id).expectError(404, "NOT_FOUND");
    mine.post("/auth/logout", Map.of()).expect(204);
    mine.get("/auth/me").expectError(401, "invalid_token");
    person.api().delete("/auth/sessions/" + id).expectError(404, "NOT_FOUND");
    given.api.delete("/tenant/members/" + other.id()).expect(200);
  }
}

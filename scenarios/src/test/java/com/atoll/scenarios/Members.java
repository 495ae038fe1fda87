package com.atoll.scenarios;

import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** People of the organization under test, and its test keys. */
final class Members {
  static final String PASSWORD = "correct horse battery";
  private final Given given;

  /** A person who logged in. */
  record Person(String id, String email, Api api) {}

  Members(Given given) {
    this.given = given;
  }

  static String address() {
    return UUID.randomUUID() + "@example.test";
  }

  /** Invites somebody by this key and lets that person register. */
  Person join(Api by, String role) {
    String email = address();
    JsonNode invite =
        by.post("/tenant/members", Map.of("email", email, "role", role))
            .expect(201)
            .json()
            .path("data");
    Reply joined = register(invite.path("token").asString()).expect(201);
    String id = joined.json().path("user").path("id").asString();
    return new Person(id, email, given.api.withKey(joined.string("token")));
  }

  Person join(String role) {
    return join(given.api, role);
  }

  Reply register(String token) {
    return given
        .api
        .withKey("")
        .post("/auth/register", Map.of("token", token, "password", PASSWORD));
  }

  /** A test key that no limit of requests holds up. */
  Api testKey() {
    Map<String, Object> key =
        Map.of("name", "test", "mode", "test", "key_type", "admin", "rate_limit_rpm", 100_000);
    JsonNode made = given.api.post("/api-keys", key).expect(201).json().path("data");
    Api test = given.api.withKey(made.path("key").asString());
    Map<String, Object> limits = Map.of("quotas", Map.of("requests_per_minute", 100_000));
    test.json("PUT", "/tenant/policy", limits, Map.of()).expect(200);
    return test;
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** People who join organizations of a running platform. */
record People(RunningPlatform running) {
  static final String PASSWORD = "correct horse battery";

  /** A person who has logged in. */
  record Person(String id, String email, String token, ApiClient client) {}

  static String address() {
    return UUID.randomUUID() + "@example.test";
  }

  /** The invitation of an address into the organization of who asks. */
  JsonNode invited(ApiClient by, String email, String role) {
    Answer answer =
        by.post("/tenant/members", "{\"email\":\"" + email + "\",\"role\":\"" + role + "\"}");
    assertEquals(201, answer.status(), answer.text());
    return answer.json().path("data");
  }

  Answer registered(String token) {
    return running
        .client()
        .post(
            "/auth/register",
            "{\"token\":\"" + token + "\",\"password\":\"" + PASSWORD + "\",\"name\":\"Ada\"}");
  }

  /** Somebody who was invited and has accepted. */
  Person joined(ApiClient by, String role) {
    String email = address();
    Answer answer = registered(invited(by, email, role).path("token").asString());
    assertEquals(201, answer.status(), answer.text());
    String token = answer.json().path("token").asString();
    String id = answer.json().path("user").path("id").asString();
    return new Person(id, email, token, running.client().as(token));
  }

  /** Lets somebody who has an account accept an invitation. */
  void join(ApiClient by, Person person, ApiClient session, String role) {
    String token = invited(by, person.email(), role).path("token").asString();
    Answer accepted = session.post("/invites/" + token + "/accept", "{}");
    assertEquals(200, accepted.status(), accepted.text());
  }

  /** The client of a session of this person in an organization. */
  ApiClient in(Person person, String organization) {
    Answer switched = person.client().post("/platform/tenants/" + organization + "/switch", "{}");
    assertEquals(200, switched.status(), switched.text());
    return running.client().as(switched.json().path("data").path("token").asString());
  }
}

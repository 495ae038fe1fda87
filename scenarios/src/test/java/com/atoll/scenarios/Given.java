package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The start of every scenario. */
final class Given {
  final Target target = Target.fromEnvironment();
  final Api api = new Api(target, target.key());
  final Api stranger = new Api(target, target.secondKey());

  /** A sandbox to be created with these fields. */
  final class SandboxBuilder {
    private final Map<String, Object> fields = new HashMap<>();

    SandboxBuilder with(String field, Object value) {
      fields.put(field, value);
      return this;
    }

    SandboxBuilder without(String field) {
      fields.remove(field);
      return this;
    }

    Sandbox running() {
      Reply reply = api.post("/sandboxes", fields).expect(201);
      assertEquals("running", reply.string("state"), reply::toString);
      return new Sandbox(api, reply.string("id"), reply.string("slug"));
    }
  }

  SandboxBuilder aSandbox() {
    return new SandboxBuilder().with("size", "xs");
  }

  /** A deployment of the sandbox, waited for until it serves. */
  Deployment published(Sandbox sandbox, Map<String, Object> fields) {
    Map<String, Object> body = new HashMap<>(fields);
    body.putIfAbsent("name", unique("site"));
    Reply reply = api.post(sandbox.at("/deploy"), body);
    assertEquals(2, reply.status() / 100, reply::toString);
    Deployment deployment = new Deployment(api, reply.string("deployment_id"));
    deployment.settled();
    return deployment;
  }

  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /** Asks again and again, for at most this long, until the condition holds. */
  static void eventually(int seconds, String what, BooleanSupplier condition) {
    eventually(seconds, what, condition, () -> "");
  }

  /** The same; when the time is up, the last argument says how it is instead. */
  static void eventually(
      int seconds, String what, BooleanSupplier condition, Supplier<String> instead) {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + seconds + " s: " + what + " " + instead.get());
      }
      LockSupport.parkNanos(50_000_000);
    }
  }
}

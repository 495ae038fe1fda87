package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More ranges of addresses than a machine holds back are refused where they are written. */
@Tag("all")
@Tag("waits")
final class EgressRoomScenarioTest {
  private static final int ROOM = 1_024;
  private static final int AT_ONCE = 4;

  private final Given given = new Given();

  private Reply rule(String policy, int number) {
    int address = 2 * number;
    String host = "198.18." + (address >> 8) + "." + (address & 255);
    return given.api.post("/egress/allowlist", Map.of("host", host, "policy_id", policy));
  }

  private Reply mode(String policy, String mode) {
    return given.api.json("PATCH", "/egress/policies/" + policy, Map.of("mode", mode), Map.of());
  }

  @Test
  void aRuleOrModeThatNoMachineCouldHoldIsRefusedAndNotWrittenDown() throws Exception {
    String workspace =
        given
            .api
            .post("/workspaces", Map.of("name", Given.unique("room")))
            .expect(201)
            .string("id");
    String policy =
        Egress.data(
                given.api.post(
                    "/egress/policies",
                    Map.of(
                        "name", "locked", "resource_type", "workspace", "resource_id", workspace)),
                201)
            .path("id")
            .asString();
    try {
      writeAll(policy);
      rule(policy, ROOM).expectFieldError("host");
      assertEquals(ROOM, rules(policy));
      mode(policy, "audit_only").expect(200);
      rule(policy, ROOM).expect(201);
      mode(policy, "enforce").expectFieldError("mode");
      Reply kept = given.api.get("/egress/policies/" + policy);
      assertEquals("audit_only", Egress.data(kept, 200).path("mode").asString());
    } finally {
      given.api.delete("/egress/policies/" + policy).expect(204);
      given.api.delete("/workspaces/" + workspace);
    }
  }

  private void writeAll(String policy) throws InterruptedException, ExecutionException {
    List<Future<Reply>> written = new ArrayList<>();
    try (ExecutorService writers = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < ROOM; i++) {
        int number = i;
        written.add(writers.submit(() -> rule(policy, number)));
      }
      for (Future<Reply> one : written) {
        one.get().expect(201);
      }
    }
  }

  private int rules(String policy) {
    return given
        .api
        .get("/egress/allowlist?policy_id=" + policy)
        .expect(200)
        .json()
        .path("rules")
        .size();
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One request for many sandboxes that exist. */
@Tag("fast")
@Tag("all")
final class BulkScenarioTest {
  private final Given given = new Given();

  @Test
  void manySandboxesArePausedWithTheirMemoryResumedAndDestroyed() {
    String tag = Given.unique("bulk");
    try (Sandbox one = given.aSandbox().with("tags", List.of(tag, "one")).running();
        Sandbox two = given.aSandbox().with("tags", List.of(tag)).running();
        Sandbox other = given.aSandbox().running()) {
      String pid =
          given.api.post(one.at("/processes"), Map.of("command", "sleep 600")).string("pid");
      JsonNode paused = ended(given.api, "pause", Map.of("ids", List.of(one.id(), two.id())));
      assertEquals(2, paused.path("succeeded").asInt(), paused::toString);
      assertEquals(List.of("paused", "paused", "running"), states(one, two, other));

      Map<String, Object> both = Map.of("filter", Map.of("tags", List.of(tag)));
      JsonNode resumed = ended(given.api, "resume", both);
      assertEquals(2, resumed.path("succeeded").asInt(), resumed::toString);
      assertEquals(List.of("running", "running", "running"), states(one, two, other));
      assertEquals("running", given.api.get(one.at("/processes/" + pid)).string("status"));

      JsonNode stolen = ended(given.stranger, "destroy", Map.of("ids", List.of(one.id())));
      assertEquals("failed", stolen.path("status").asString());
      assertEquals("sandbox_not_found", stolen.at("/errors/0/code").asString());
      assertEquals(0, ended(given.stranger, "destroy", both).path("total").asInt());
      assertEquals(List.of("running", "running", "running"), states(one, two, other));

      Map<String, Object> first = Map.of("filter", Map.of("tags", List.of(tag, "one")));
      assertEquals(1, ended(given.api, "destroy", first).path("succeeded").asInt());
      assertEquals(List.of("destroyed", "running", "running"), states(one, two, other));
    }
  }

  @Test
  void aServerThatIsKilledWithinAJobGoesOnWithItWhenItStartsAgain() throws IOException {
    Crashes crashes = new Crashes(given, Host.of(given.target));
    String tag = Given.unique("bulk");
    List<Sandbox> sandboxes =
        IntStream.range(0, 4)
            .mapToObj(_ -> given.aSandbox().with("tags", List.of(tag)).running())
            .toList();
    try {
      for (String act : List.of("pause", "destroy")) {
        String point =
            act.equals("pause") ? "server.pause.after-node" : "server.delete.after-commit";
        crashes.arm(point);
        Reply begun =
            crashes.insist(
                "POST",
                "/bulk/sandboxes/" + act,
                Map.of("filter", Map.of("tags", List.of(tag))),
                Given.unique(act));
        crashes.await(point);
        JsonNode job = ended(given.api, begun.string("job_id"));
        assertEquals("completed", job.path("status").asString(), job::toString);
        assertEquals(4, job.path("succeeded").asInt(), job::toString);
        String state = act.equals("pause") ? "paused" : "destroyed";
        for (Sandbox sandbox : sandboxes) {
          assertEquals(state, given.api.get(sandbox.at("")).string("state"));
        }
      }
    } finally {
      crashes.disarm();
      sandboxes.forEach(Sandbox::close);
    }
  }

  private List<String> states(Sandbox... sandboxes) {
    return List.of(sandboxes).stream()
        .map(sandbox -> given.api.get(sandbox.at("")).string("state"))
        .toList();
  }

  /** The job, once each of its sandboxes was tried. */
  private static JsonNode ended(Api api, String act, Map<String, Object> body) {
    return ended(api, api.post("/bulk/sandboxes/" + act, body).expect(200).string("job_id"));
  }

  private static JsonNode ended(Api api, String job) {
    String path = "/bulk/jobs/" + job;
    Given.eventually(60, "the job ends", () -> api.get(path).json().hasNonNull("finished_at"));
    return api.get(path).json().path("data");
  }
}

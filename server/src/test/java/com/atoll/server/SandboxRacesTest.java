package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.SandboxId;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadState;
import com.atoll.server.testing.Answer;
import com.atoll.server.testing.ApiClient;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What holds of sandboxes and their volumes when several changes come together. */
final class SandboxRacesTest {
  private PlatformWithNode running;
  private ApiClient api;

  @BeforeEach
  void begin() throws Exception {
    running = new PlatformWithNode();
    api = running.someone();
  }

  @AfterEach
  void end() throws Exception {
    running.close();
  }

  private String made(String path, String body) {
    Answer made = api.post(path, body);
    assertEquals(201, made.status(), made.text());
    return made.json().path("id").asString();
  }

  private String volume() {
    return made("/volumes", "{\"name\":\"files\",\"size_gb\":1}");
  }

  private static String having(String volume) {
    return "{\"volumes\":[%s]}".formatted(wish(volume));
  }

  private static String wish(String volume) {
    return "{\"volume_id\":\"%s\",\"mount_path\":\"/data\"}".formatted(volume);
  }

  /** Changes a row as another server does, of which this one has not heard. */
  private void elsewhere(String statement, String id) {
    running.store().executeSystem(tx -> tx.sql().execute(statement, id));
  }

  @Test
  void aSandboxThatIsDestroyedMeanwhileGetsNoVolume() {
    String sandbox = made("/sandboxes", "{}");
    String volume = volume();
    elsewhere("update sandboxes set state = 'destroyed' where id = ?", sandbox);
    Answer refused = api.post("/sandboxes/" + sandbox + "/volumes", wish(volume));
    assertEquals("SANDBOX_DESTROYED", refused.code(), refused.text());
    assertEquals(204, api.delete("/volumes/" + volume).status());
  }

  @Test
  void whatADestroyedSandboxStillHasIsFreed() {
    String volume = volume();
    String sandbox = made("/sandboxes", having(volume));
    assertEquals(409, api.delete("/volumes/" + volume).status());
    elsewhere("update sandboxes set state = 'destroyed' where id = ?", sandbox);
    running.compared(() -> {
      JsonNode left = api.get("/volumes/" + volume).json().path("attachments");
      return left.isArray() && left.isEmpty();
    });
    assertEquals(204, api.delete("/volumes/" + volume).status());
  }

  @Test
  void oneThatRunsAndOfWhichTheServerHasNotHeardIsTakenIn() {
    String sandbox = made("/sandboxes", "{}");
    String other = SandboxId.next().value();
    running
        .store()
        .executeSystem(tx ->
            tx.sql()
                .execute(
                    """
                    insert into sandboxes select (jsonb_populate_record(s,
                      jsonb_build_object('id', cast(? as text), 'slug', lower(?)))).*
                    from sandboxes s where id = ?\
                    """,
                    other,
                    other.substring(other.length() - 12),
                    sandbox));
    Map<String, Workload> there = running.node().workloads;
    Workload one = Objects.requireNonNull(there.get(sandbox));
    there.put(other, one.toBuilder().setId(other).setAddress("10.9.9.9").build());
    running.compared(() ->
        running
            .platform()
            .workloads()
            .sandboxes()
            .anybodys(other)
            .filter(now -> "10.9.9.9".equals(now.address()))
            .isPresent());
    assertTrue(there.containsKey(other));
  }

  @Test
  void aLifetimeThatWasProlongedElsewhereDoesNotBecomeLess() {
    String sandbox = made("/sandboxes", "{\"timeout_sec\":60}");
    elsewhere(
        "update sandboxes set version = version + 1, expires_at = now() + interval '50 minutes'"
            + " where id = ?",
        sandbox);
    String extend = "/sandboxes/" + sandbox + "/extend";
    Answer less = api.post(extend, "{\"timeout_sec\":120}");
    assertEquals(200, less.status(), less.text());
    assertTrue(left(less) > 2_900_000, less.text());
    assertTrue(left(api.post(extend, "{\"timeout_sec\":4000}")) > 3_900_000);
  }

  @Test
  void aLifetimeThatIsProlongedAsItEndsIsNotSaidToRun() {
    String sandbox = made("/sandboxes", "{\"timeout_sec\":60}");
    running.node().moved(sandbox, WorkloadState.PAUSED);
    Answer late = api.post("/sandboxes/" + sandbox + "/extend", "{\"timeout_sec\":120}");
    assertEquals(200, late.status(), late.text());
    assertEquals("paused", late.json().path("state").asString(), late.text());
    assertEquals("paused", state(sandbox));
    assertEquals("running", resumed(sandbox, 180));
    running.node().moved(sandbox, WorkloadState.PAUSED);
    assertEquals("running", resumed(sandbox, 600));
    running.node().moved(sandbox, WorkloadState.PAUSED);
    Answer changed = api.call("PATCH", "/sandboxes/" + sandbox, "{\"idle_timeout_sec\":9}");
    assertEquals("paused", changed.json().path("state").asString(), changed.text());
    assertEquals("running", resumed(sandbox, 700));
    assertEquals(
        WorkloadState.RUNNING,
        Objects.requireNonNull(running.node().workloads.get(sandbox)).getState());
  }

  private String resumed(String sandbox, int seconds) {
    return api.post("/sandboxes/" + sandbox + "/resume", "{\"timeout_sec\":" + seconds + "}")
        .json()
        .path("state")
        .asString();
  }

  private String state(String sandbox) {
    return api.get("/sandboxes/" + sandbox).json().path("state").asString();
  }

  @Test
  void whatAMachineHadUsedThatEndedByItselfIsCounted() {
    String paused = made("/sandboxes", "{}");
    String gone = made("/sandboxes", "{\"persistent\":false}");
    for (String id : List.of(paused, gone)) {
      running
          .node()
          .measured
          .put(
              id,
              Measurement.newBuilder()
                  .setCpuMicros(3_000_000)
                  .setSentBytes(77)
                  .setAtUnixMs(System.currentTimeMillis())
                  .build());
    }
    running.node().moved(paused, WorkloadState.PAUSED);
    running.node().workloads.remove(gone);
    running.compared(() -> state(paused).equals("paused") && state(gone).equals("destroyed"));
    for (String id : List.of(paused, gone)) {
      JsonNode used = api.get("/sandboxes/" + id + "/usage").json();
      assertEquals(3_000, used.path("active_cpu_ms").asLong(), used::toString);
      assertEquals(77, used.path("network_egress_bytes").asLong(), used::toString);
    }
  }

  private static long left(Answer shown) {
    return shown.json().path("timeout_remaining_ms").asLong();
  }

  @Test
  void aBatchWaitsForAMachineThatIsAway() {
    running.node().built.add("miosa-sandbox");
    assertEquals(200, api.get("/sandbox-templates").status());
    AtomicInteger claims = new AtomicInteger();
    running.node().onClaim =
        claim -> {
          if (claims.getAndIncrement() < 6) {
            throw Status.UNAVAILABLE.asRuntimeException();
          }
        };
    Answer begun = api.post("/sandboxes/batch", "{\"count\":5}");
    assertEquals(202, begun.status(), begun.text());
    String batch = "/sandboxes/batches/" + begun.json().path("data").path("id").asString();
    PlatformWithNode.await(
        () -> !"running".equals(api.get(batch).json().path("data").path("status").asString()));
    JsonNode over = api.get(batch).json().path("data");
    String items = api.get(batch + "/items").text();
    assertEquals(5, over.path("completed").asInt(), items);
    assertEquals(0, over.path("failed").asInt(), items);
    assertEquals(5, api.get("/sandboxes").json().path("meta").path("total").asInt());
  }

  @Test
  void aMachineHasTheTimesOfTheRowAgainAfterAChangeWasCutOff() {
    String sandbox = made("/sandboxes", "{\"timeout_sec\":600,\"idle_timeout_sec\":300}");
    Deque<UpdateRequest> told = loseOneAnswer();
    Answer cut = api.call("PATCH", "/sandboxes/" + sandbox, "{\"always_on\":true}");
    assertEquals(503, cut.status(), cut.text());
    running.compared(() -> !told.isEmpty());
    UpdateRequest again = told.getFirst();
    assertEquals(600_000, again.getLifetimeMs());
    assertEquals(300_000, again.getIdleTimeoutMs());
    assertTrue(again.getTimeoutMs() > 500_000 && again.getTimeoutMs() <= 600_000, again::toString);
    assertEquals(200, api.call("PATCH", "/sandboxes/" + sandbox, "{\"always_on\":true}").status());
    assertTrue(told.getLast().hasTimeoutMs() && told.getLast().getTimeoutMs() == 0);
    assertEquals(0, notes());
  }

  @Test
  void aMachineHasTheVariablesOfTheRowAgainAfterAChangeWasCutOff() {
    String sandbox = made("/sandboxes", "{\"env\":{\"OLD\":\"1\"}}");
    Deque<UpdateRequest> told = loseOneAnswer();
    String env = "/sandboxes/" + sandbox + "/env";
    String vars =
        "{\"vars\":[{\"key\":\"OLD\",\"value\":\"2\"},{\"key\":\"NEW\",\"value\":\"2\"}]}";
    Answer cut = api.call("PUT", env, vars);
    assertEquals(503, cut.status(), cut.text());
    running.compared(() -> !told.isEmpty());
    UpdateRequest again = told.getFirst();
    assertEquals(Map.of("OLD", "1"), again.getSetEnvMap());
    assertEquals(List.of("NEW"), again.getUnsetEnvList());
    assertEquals(200, api.call("PUT", env, vars).status());
    assertEquals(0, notes());
  }

  /** The node does what it is told first and its answer is lost; what it hears after that. */
  private Deque<UpdateRequest> loseOneAnswer() {
    Deque<UpdateRequest> later = new ConcurrentLinkedDeque<>();
    AtomicBoolean lost = new AtomicBoolean();
    running.node().onUpdate =
        update -> {
          if (lost.compareAndSet(false, true)) {
            throw Status.UNAVAILABLE.asRuntimeException();
          }
          later.add(update);
        };
    return later;
  }

  private int notes() {
    return running
        .store()
        .system(
            tx -> tx.sql().fetchSingle("select count(*) from told_changes").get(0, Integer.class));
  }

  @Test
  void ofSeveralThatWantOneVolumeOneGetsIt() throws Exception {
    running.node().built.add("miosa-sandbox");
    assertEquals(200, api.get("/sandbox-templates").status());
    Set<String> taken = ConcurrentHashMap.newKeySet();
    running.node().onClaim =
        claim -> {
          if (!taken.add(claim.getVolumes(0).getVolumeId())) {
            throw Status.FAILED_PRECONDITION.withDescription("it is taken").asRuntimeException();
          }
        };
    for (int round = 0; round < 5; round++) {
      String body = having(volume());
      List<Integer> statuses = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          answers.add(threads.submit(() -> api.post("/sandboxes", body)));
        }
        for (Future<Answer> answer : answers) {
          statuses.add(answer.get().status());
        }
      }
      assertEquals(
          1, statuses.stream().filter(status -> status == 201).count(), statuses::toString);
    }
  }
}

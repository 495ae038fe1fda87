package com.atoll.server.meters;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.node.v1.Measurement;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import com.atoll.server.testing.TestPostgres;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MeterStoreTest {
  private static final OrganizationId ORG = OrganizationId.next();
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MB = 100;
  private static Store store;

  private final MeterStore meters = new MeterStore();

  @BeforeAll
  static void open() throws Exception {
    store = Store.of(TestPostgres.get().installation());
    store.migrate();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @Test
  void memoryThatAPauseKeepsIsNotCounted() {
    Sandbox sandbox = running();
    runsSince(sandbox, 0);
    measured(sandbox, 10);
    measured(sandbox, 20);
    assertEquals(20_000L * MB, memory(sandbox));
    runsSince(sandbox, null);
    runsSince(sandbox, 60);
    measured(sandbox, 65);
    assertEquals(25_000L * MB, memory(sandbox));
    measured(sandbox, 75);
    assertEquals(35_000L * MB, memory(sandbox));
  }

  @Test
  void aMeasurementOfBeforeTheResumeCostsNothing() {
    Sandbox sandbox = running();
    measured(sandbox, 10);
    runsSince(sandbox, 60);
    measured(sandbox, 20);
    assertEquals(10_000L * MB, memory(sandbox));
  }

  @Test
  void aSilenceIsCountedForTwoMinutesAtMost() {
    Sandbox sandbox = running();
    runsSince(sandbox, 0);
    measured(sandbox, 10);
    measured(sandbox, 1_000);
    assertEquals(130_000L * MB, memory(sandbox));
  }

  @Test
  void runsThatAreMeasuredAtTheirEndAloneAreCounted() {
    Sandbox sandbox = running();
    for (int run = 0; run < 3; run++) {
      runsSince(sandbox, run * 100);
      measured(sandbox, run * 100 + 5, run + 1, 1_000_000);
      runsSince(sandbox, null);
    }
    assertEquals(15_000L * MB, memory(sandbox));
    assertEquals(3_000_000, cpu(sandbox));
    measured(sandbox, 205, 3, 1_000_000);
    assertEquals(3_000_000, cpu(sandbox));
  }

  @Test
  void oneThatIsMeasuredFirstWhenItIsDestroyedHasItsMemoryCounted() {
    Sandbox sandbox = running();
    runsSince(sandbox, null);
    measured(sandbox, 7);
    assertEquals(7_000L * MB, memory(sandbox));
  }

  private static OffsetDateTime at(int second) {
    return BEGIN.plusSeconds(second).atOffset(ZoneOffset.UTC);
  }

  private static void runsSince(Sandbox sandbox, @Nullable Integer second) {
    store.execute(
        ORG,
        tx ->
            tx.sql()
                .execute(
                    "update sandboxes set running_since = cast(? as timestamptz) where id = ?",
                    second == null ? null : at(second),
                    sandbox.id()));
  }

  private void measured(Sandbox sandbox, int second) {
    measured(sandbox, second, 0, 0);
  }

  private void measured(Sandbox sandbox, int second, long incarnation, long cpuMicros) {
    Measurement measurement =
        Measurement.newBuilder()
            .setIncarnation(incarnation)
            .setCpuMicros(cpuMicros)
            .setAtUnixMs(BEGIN.plusSeconds(second).toEpochMilli())
            .setMemoryBytes((long) MB << 20)
            .build();
    store.execute(ORG, tx -> meters.count(tx, sandbox, measurement));
  }

  private long memory(Sandbox sandbox) {
    return store
        .transaction(ORG, tx -> meters.meter(tx, sandbox.id()))
        .map(MeterStore.Meter::memoryMbMs)
        .orElseThrow();
  }

  private long cpu(Sandbox sandbox) {
    return store
        .transaction(ORG, tx -> meters.meter(tx, sandbox.id()))
        .map(meter -> meter.total().cpuMicros())
        .orElseThrow();
  }

  private static Sandbox running() {
    @Nullable String none = null;
    OffsetDateTime now = at(0);
    Sandbox sandbox =
        new Sandbox(
            SandboxId.next().value(),
            ORG,
            "slug",
            "name",
            SandboxState.RUNNING,
            1,
            "miosa-sandbox",
            Shape.resolve("xs", null, null, null),
            "container",
            new Sandbox.Owner("key", "wsp", none, none, "prj", none, none, none, none, none),
            true,
            false,
            3600,
            900,
            null,
            Map.of(),
            List.of(),
            none,
            none,
            none,
            null,
            none,
            0,
            0,
            now,
            now,
            now,
            now,
            null,
            now);
    store.execute(
        ORG,
        tx ->
            tx.sql()
                .execute(
                    """
                    insert into sandboxes (id, org, slug, name, state, template_id, cpu_count,
                      memory_mb, disk_size_mb, workspace_id, project_id, owner_id, persistent,
                      always_on, timeout_sec, idle_timeout_sec)
                    values (?, ?, ?, 'name', 'running', 't', 1, 512, 1024, 'w', 'p', 'k', true,
                      false, 0, 0)\
                    """,
                    sandbox.id(),
                    ORG.value(),
                    sandbox.id()));
    return sandbox;
  }
}

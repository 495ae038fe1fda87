package com.atoll.server.readiness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ReadinessProbeTest {
  private static ReadinessProbe probe(
      @Nullable String type, @Nullable String url, @Nullable Integer port, @Nullable String line) {
    return new ReadinessProbe(type, url, null, port, line, null);
  }

  @Test
  void aProbeSaysWhatIsLookedAt() {
    assertEquals(new Readiness.Listens(80), Readiness.of(probe(null, null, null, null), 80));
    assertEquals(new Readiness.Listens(81), Readiness.of(probe("tcp", null, 81, null), 80));
    assertEquals(
        new Readiness.Answers(81, "/up?x=1"),
        Readiness.of(probe("http", "http://localhost:81/up?x=1", null, null), 80));
    assertEquals(new Readiness.Answers(82, "/up"), Readiness.of(probe(null, "/up", 82, null), 80));
    assertEquals(
        new Readiness.Succeeds("true", "", ""), Readiness.of(probe(null, null, null, "true"), 80));
  }

  @Test
  void aWrongOneNamesItsField() {
    refused("readiness_probe.type", probe("luck", null, null, null));
    refused("readiness_probe.command", probe("command", null, null, " "));
    refused("readiness_probe.command", probe("command", null, null, "a\0b"));
    refused("readiness_probe.url", probe("http", "http://[", null, null));
    refused("readiness_probe.url", probe("http", "http://localhost:70000/", null, null));
    refused("readiness_probe.port", probe("tcp", null, 0, null));
    refused(
        "readiness_probe.timeout_sec", new ReadinessProbe("tcp", null, null, null, null, 3_601));
  }

  private static void refused(String field, ReadinessProbe probe) {
    AtollException refused = assertThrows(AtollException.class, probe::checked);
    assertEquals(true, String.valueOf(refused.getMessage()).contains(field), refused.getMessage());
  }
}

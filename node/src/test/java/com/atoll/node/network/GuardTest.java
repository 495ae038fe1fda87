package com.atoll.node.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class GuardTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void aRecordOfBeforeThereWereLenientGuardsEndsWhatWasOpen() {
    String old = "{\"proxied\":true,\"closed\":true,\"opened\":[],\"shut\":[]}";
    assertEquals(new Guard(true, true), JSON.readValue(old, Guard.class));
  }

  @Test
  void aRecordHoldsAllOfIt() {
    Guard guard = new Guard(true, false, List.of("10.0.0.1"), List.of("10.0.0.2-10.0.0.9"), true);
    assertEquals(guard, JSON.readValue(JSON.writeValueAsString(guard), Guard.class));
  }
}

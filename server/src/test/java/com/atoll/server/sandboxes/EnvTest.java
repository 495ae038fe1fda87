package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class EnvTest {
  /** As it was stored before it said which values come of secrets. */
  private static final Env OLD =
      new Env(Map.of("TOKEN", "t", "SET", "s", "OWN", "o"), Set.of("TOKEN", "OWN"), null);

  @Test
  void whatIsKnownToComeOfASecretIsCopiedNowhere() {
    Env known = OLD.knownLent(List.of("TOKEN", "SET", "GONE"));
    assertTrue(known.isLent("TOKEN"));
    // Its owner has set it since.
    assertFalse(known.isLent("SET"));
    assertFalse(known.isLent("GONE"));
    assertEquals(Map.of("SET", "s", "OWN", "o"), known.copied().values());
    assertSame(known, known.knownLent(List.of("TOKEN")));
  }

  @Test
  void itIsStoredAsItIs() {
    JsonMapper json = JsonMapper.builder().build();
    Env known = OLD.lent("TOKEN", "new");
    assertEquals(known, json.readValue(json.writeValueAsBytes(known), Env.class));
    assertEquals(Set.of("values", "hidden", "lent"), names(json, known));
  }

  private static Set<String> names(JsonMapper json, Env env) {
    return Set.copyOf(json.valueToTree(env).propertyNames());
  }
}

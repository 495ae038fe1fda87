package com.atoll.node.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a/b", "..", "a.b", "a~b", "a b", "ä", "a\n"})
  void anIdHoldsNothingThatAPathCouldMisread(String id) {
    NodeFault fault = assertThrows(NodeFault.class, () -> Check.id("some.field", id));
    assertEquals(NodeFault.Kind.INVALID, fault.kind());
    assertTrue(fault.sentence().startsWith("some.field: "));
  }

  @Property
  void anIdThatPassesIsAFileName(@ForAll String id) {
    try {
      assertTrue(Check.id("id", id).matches("[a-z0-9_-]+"));
    } catch (NodeFault refused) {
      assertEquals("INVALID_ARGUMENT", refused.code());
    }
  }

  @Test
  void hostNamesNeitherBeginNorEndWithADash() {
    assertEquals("a-1", Check.hostname("hostname", "a-1", "x"));
    assertEquals("x", Check.hostname("hostname", "", "x"));
    assertThrows(NodeFault.class, () -> Check.hostname("hostname", "-a", "x"));
    assertThrows(NodeFault.class, () -> Check.hostname("hostname", "a.b", "x"));
    assertThrows(NodeFault.class, () -> Check.hostname("hostname", "a".repeat(64), "x"));
  }

  @Test
  void environmentsAreBounded() {
    assertEquals(Map.of("A_1", "=\n"), Check.env("env", Map.of("A_1", "=\n")));
    Map<String, String> odd = Map.of("1A", "", "a.b", "x", "MY-VAR", "y", "ä.b", "z");
    assertEquals(odd, Check.env("env", odd));
    for (String wrong :
        new String[] {"", "A=B", "=", "A\0", "A B", "A\n", "\ud800", "A".repeat(257)}) {
      assertThrows(NodeFault.class, () -> Check.env("env", Map.of(wrong, "")));
    }
    assertThrows(NodeFault.class, () -> Check.env("env", Map.of("A", "\0")));
    assertThrows(NodeFault.class, () -> Check.env("env", Map.of("A", "x".repeat(300_000))));
  }

  @Test
  void pathsAreAbsolute() {
    assertEquals("/a/../b", Check.path("path", "/a/../b"));
    for (String wrong : new String[] {"", "a", "/a\0b", "/" + "a".repeat(5_000)}) {
      NodeFault fault = assertThrows(NodeFault.class, () -> Check.path("path", wrong));
      assertEquals("INVALID_PATH", fault.code());
    }
  }
}

package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

/** Permission bits that come with a file. */
class ModesTest {
  @Test
  void bitsAreReadInEveryForm() {
    assertEquals(0644, Modes.of("0644"));
    assertEquals(0755, Modes.of(StringNode.valueOf("0o755")));
    assertEquals(0600, Modes.of(IntNode.valueOf(0600)));
    assertEquals(0, Modes.of(IntNode.valueOf(0)));
    assertEquals(0, Modes.of(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0000", "0o0", "8", "rw", "10000"})
  void whatCannotBeGivenIsRefused(String mode) {
    assertThrows(AtollException.class, () -> Modes.of(mode));
    assertThrows(AtollException.class, () -> Modes.of(StringNode.valueOf(mode)));
  }

  @Test
  void aChangeOfModeMayTakeEverythingAway() {
    assertEquals(0, Modes.required(StringNode.valueOf("0000")));
  }
}

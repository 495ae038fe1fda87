package com.atoll.server.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.StringNode;

final class CommandsTest {
  @Test
  void theDirectoryOfACommandIsAPathLikeThoseOfFiles() {
    assertEquals("", Commands.directory(null));
    assertEquals("/workspace/app", Commands.directory("app"));
    assertEquals("/workspace/lib", Commands.directory("app/../lib/."));
    assertEquals("/etc", Commands.directory("/usr/../etc/"));
    AtollException refused =
        assertThrows(AtollException.class, () -> Commands.directory("/../../etc"));
    assertEquals(ErrorCode.INVALID_PATH, refused.code());
  }

  @Test
  void aUserIsANameOrANumber() {
    assertEquals("nobody", Commands.user("nobody"));
    assertEquals("1000", Commands.user("1000"));
    for (String text : new String[] {"10 00", "-1", "1a", "a:b", "12345678901"}) {
      assertThrows(AtollException.class, () -> Commands.user(text));
    }
  }

  @Test
  void signalsAreKnownByAllTheirNames() {
    assertEquals(11, Signals.number(StringNode.valueOf("SIGSEGV")));
    assertEquals(21, Signals.number(StringNode.valueOf("sigttin")));
    assertEquals(22, Signals.number(StringNode.valueOf("TTOU")));
    assertEquals(31, Signals.number(StringNode.valueOf("31")));
    assertThrows(AtollException.class, () -> Signals.number(StringNode.valueOf("SIGNONE")));
  }
}

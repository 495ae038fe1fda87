package com.atoll.server.tokens;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScopeNamesTest {
  private final ScopeNames names =
      new ScopeNames(
          () -> Set.of("sandboxes:read", "sandboxes:exec", "keys:write"), () -> Set.of("usage"));

  private String refused(String scope) {
    return assertThrows(AtollException.class, () -> names.require(List.of(scope)), scope)
        .getMessage();
  }

  @Test
  void whatIsNamedOrLiesInAnAreaIsAScope() {
    names.require(null);
    names.require(
        List.of(
            "sandboxes:exec", "sandboxes:*", "keys:read", "usage:read", "computers:write", "*"));
  }

  @Test
  void whatIsNearlyOneIsRefusedWithTheNearest() {
    assertTrue(refused("sandbox:read").contains("'sandboxes:read'"));
    assertTrue(refused("SANDBOXES:EXEC").contains("'sandboxes:exec'"));
    assertTrue(refused("usage:exec").contains("'usage:read'"));
  }

  @Test
  void whatIsFarFromAllIsRefusedWithoutAdvice() {
    for (String scope : List.of("", " ", "zzzzzzzzzzzz", "a\u0000b", "x".repeat(5_000))) {
      assertFalse(refused(scope).contains("nearest"), scope);
    }
  }
}

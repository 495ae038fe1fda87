package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SlugsTest {
  @Test
  void aGeneratedSlugIsAHostLabelAndDiffersFromAllOthers() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      String slug = Slugs.next();
      assertEquals(slug, Slugs.chosen(slug));
      assertTrue(seen.add(slug));
      assertTrue(slug.matches("[a-z]+-[a-z]+-[0-9a-z]{8}"));
    }
  }

  @Test
  void whatIsNoHostLabelOrReservedIsRefused() {
    for (String bad :
        new String[] {
          "",
          "a",
          "A-b",
          "a_b",
          "-ab",
          "ab-",
          "a--b",
          "1ab",
          "api",
          "sandbox",
          "a.b",
          "ä",
          "x".repeat(57)
        }) {
      assertThrows(AtollException.class, () -> Slugs.chosen(bad), bad);
    }
    assertEquals("my-app-1", Slugs.chosen("my-app-1"));
  }
}

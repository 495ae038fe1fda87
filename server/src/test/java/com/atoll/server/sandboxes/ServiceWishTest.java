package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceWishTest {
  private static @Nullable String policy(@Nullable String asked) {
    return new ServiceWish("web", "true", null, null, null, asked, null).checked().restartPolicy();
  }

  @ParameterizedTest
  @CsvSource({
    ",always",
    "always,always",
    "on-failure,on-failure",
    "no,no",
    "never,no",
    "unless-stopped,always"
  })
  void thePoliciesOfOtherToolsAreUnderstood(@Nullable String asked, String meant) {
    assertEquals(meant, policy(asked));
  }

  @Test
  void anotherWordIsRefused() {
    assertThrows(AtollException.class, () -> policy("sometimes"));
  }
}

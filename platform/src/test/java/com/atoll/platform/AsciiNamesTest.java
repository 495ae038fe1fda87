package com.atoll.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AsciiNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fa\u00df.de",
        "FA\u1e9e.DE",
        "\u03b2\u03cc\u03bb\u03bf\u03c2.com",
        "a\u200cb.com",
        "a\u200db.com"
      })
  void aNameThatTwoStandardsReadDifferentlyIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> AsciiNames.of(name, 0));
  }

  @Test
  void anyOtherNameHasItsFormInAscii() {
    assertEquals("xn--bcher-kva.example", AsciiNames.of("B\u00fcCHER.Example", 0));
    assertEquals("xn--fa-hia.de", AsciiNames.of("xn--fa-hia.de", 0));
    // The capital sigma stands for both small ones; both standards take the one inside of words.
    assertEquals(AsciiNames.of("\u03c3", 0), AsciiNames.of("\u03a3", 0));
  }
}

package com.atoll.model;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CarrierHeaderTest {
  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "X-Api-Key", "Cookie", "x-host", "TE-Token"})
  void aHeaderThatSaysNothingOfTheMessageIsFree(String name) {
    assertTrue(CarrierHeader.isFree(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "content-length",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "CONNECTION",
        "Keep-Alive",
        "Upgrade",
        "Expect",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "proxy-connection",
        "",
        "X Y",
        "X:Y",
        "X\n"
      })
  void aHeaderThatFramesOrRoutesAMessageIsNot(String name) {
    assertFalse(CarrierHeader.isFree(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer abc", "a\tb", "ü", "~"})
  void oneLineOfOneByteCharactersArrives(String value) {
    assertTrue(CarrierHeader.arrives(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\nb", "a\rb", "a\r\nX: y", "a\u0000", "a\u007f", "€", "a😀"})
  void whatWouldBeCutOrChangedDoesNot(String value) {
    assertFalse(CarrierHeader.arrives(value));
  }
}

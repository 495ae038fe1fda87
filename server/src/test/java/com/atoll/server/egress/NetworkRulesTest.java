package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkRulesTest {
  @Test
  void portsAreThoseThatAreDecidedByName() {
    assertEquals(List.of(), NetworkRules.ports("ports", null));
    assertEquals(List.of(), NetworkRules.ports("ports", "80,443"));
    assertEquals(List.of(), NetworkRules.ports("ports", "1-65535"));
    assertEquals(List.of(443), NetworkRules.ports("ports", "443"));
    assertEquals(List.of(80), NetworkRules.ports("ports", " 22 - 80".replace(" ", "")));
    assertEquals(List.of(443), NetworkRules.ports("ports", "443, 400-500"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "22,443", "22", "65536", "443-80", "a", "1-2-3", ",", "443,"})
  void otherPortsAreRefused(String ports) {
    assertThrows(AtollException.class, () -> NetworkRules.ports("ports", ports));
  }
}

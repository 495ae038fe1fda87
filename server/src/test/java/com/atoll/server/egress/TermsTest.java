package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TermsTest {
  private static Terms terms(String host) {
    return new Terms(
        new Terms.Clause("locked", null, true, false),
        List.of(
            new Terms.Line(true, true, host, List.of("GET"), "/v1/**", "why", List.of(443), 1)));
  }

  @Test
  void whatIsKeptIsReadAsItWas() {
    assertEquals(terms("a.test"), Terms.read(terms("a.test").text()));
    Terms rules = new Terms(null, terms("10.0.0.0/8").rules());
    assertEquals(rules, Terms.read(rules.text()));
  }

  @Test
  void whatCameFromElsewhereIsChecked() {
    for (String text :
        List.of(
            "",
            "[]",
            "{}",
            "null",
            "{\"policy\":null,\"rules\":[null]}",
            "{\"policy\":null,\"rules\":[{\"host\":\"a.test\"}]}",
            terms("http://a.test").text())) {
      assertThrows(AtollException.class, () -> Terms.read(text), text);
    }
  }
}

package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestsTest {
  @Test
  void aRequestThatAsksForItselfIsOneInEverySpelling() {
    for (String method : List.of("TRACE", "trace", "TRACK")) {
      assertTrue(Requests.asksForItself(new HttpMethod(method)), method);
    }
    assertFalse(Requests.asksForItself(HttpMethod.GET));
  }
}

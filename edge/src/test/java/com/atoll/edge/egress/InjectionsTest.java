package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InjectionsTest {
  @Test
  void aSecretTakesThePlaceOfWhatTheRequestHad() {
    HttpHeaders headers = new DefaultHttpHeaders().add("authorization", "mine");
    assertTrue(new Injections.Header("Authorization", "Bearer theirs").into(headers));
    assertEquals(List.of("Bearer theirs"), headers.getAll("Authorization"));
  }

  @Test
  void aSecretThatFramesOrRoutesItsRequestDoesNotGoIn() {
    for (String name : List.of("Content-Length", "transfer-encoding", "Host", "Connection", "")) {
      HttpHeaders headers = new DefaultHttpHeaders();
      assertFalse(new Injections.Header(name, "0").into(headers), name);
      assertTrue(headers.isEmpty(), name);
    }
  }

  @Test
  void aValueThatIsNoneOfAHeaderDoesNotGoIn() {
    for (String value : List.of("", "a\nb", "a\r\nHost: shut.test", "a\u0000", "€")) {
      HttpHeaders headers = new DefaultHttpHeaders();
      assertFalse(new Injections.Header("X-Api-Key", value).into(headers), value);
      assertTrue(headers.isEmpty(), value);
    }
  }
}

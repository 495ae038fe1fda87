package com.atoll.edge.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UpgradesTest {
  private static HttpRequest request(String connection, String... upgrades) {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    request.headers().add("Connection", connection);
    add(request.headers(), upgrades);
    return request;
  }

  private static void add(HttpHeaders headers, String... upgrades) {
    for (String upgrade : upgrades) {
      headers.add("Upgrade", upgrade);
    }
  }

  private static boolean isGranted(HttpRequest request, String... upgrades) {
    var response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    add(response.headers(), upgrades);
    return Upgrades.isGranted(request, response);
  }

  @Test
  void aWishForWebSocketAloneIsPassedOn() {
    HttpRequest request = request("keep-alive, Upgrade", "WebSocket");
    Upgrades.onlyWebSocket(request);
    assertEquals(List.of("WebSocket"), request.headers().getAll("Upgrade"));
    assertEquals("keep-alive, Upgrade", request.headers().get("Connection"));
  }

  @Test
  void aSecondWishIsNoWish() {
    for (String[] upgrades :
        List.of(
            new String[] {"websocket", "h2c"},
            new String[] {"h2c", "websocket"},
            new String[] {"websocket, h2c"},
            new String[] {"websocket,websocket"},
            new String[] {"websocket/13"},
            new String[] {""},
            new String[] {"h2c"})) {
      HttpRequest request = request("Upgrade, HTTP2-Settings, keep-alive", upgrades);
      request.headers().add("Connection", "upgrade");
      request.headers().add("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA");
      Upgrades.onlyWebSocket(request);
      assertEquals(List.of("keep-alive"), request.headers().getAll("Connection"));
      assertFalse(request.headers().contains("Upgrade"));
      assertFalse(request.headers().contains("HTTP2-Settings"));
    }
  }

  @Test
  void settingsOfAnotherProtocolAreNeverPassedOn() {
    HttpRequest request = request("Upgrade, HTTP2-Settings", "websocket");
    request.headers().add("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA");
    Upgrades.onlyWebSocket(request);
    assertEquals("Upgrade", request.headers().get("Connection"));
    assertTrue(request.headers().contains("Upgrade"));
    assertFalse(request.headers().contains("HTTP2-Settings"));
  }

  @Test
  void whoWishesForNothingKeepsItsConnectionAsItIs() {
    HttpRequest request = request("Keep-Alive");
    Upgrades.onlyWebSocket(request);
    assertEquals("Keep-Alive", request.headers().get("Connection"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "websocket, h2c", "", "HTTP/1.1", "TLS/1.0"})
  void anAnswerThatSwitchesToSomethingElseIsNotGranted(String upgrade) {
    assertFalse(isGranted(request("Upgrade", "websocket"), upgrade));
  }

  @Test
  void anAnswerIsGrantedWhenBothSidesSayWebSocketOnce() {
    HttpRequest asked = request("Upgrade", "websocket");
    assertTrue(isGranted(asked, "WebSocket"));
    assertFalse(isGranted(asked));
    assertFalse(isGranted(asked, "websocket", "h2c"));
    assertFalse(isGranted(request("keep-alive"), "websocket"));
  }
}

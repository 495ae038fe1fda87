package com.atoll.node.registries;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.AddressRules;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry that sends us elsewhere sends us to public places only. */
final class PublicPlacesTest {
  private static final AddressRules RULES = new AddressRules(List.of("8.8.4.0/24"), List.of());

  private static PublicPlaces leadingTo(String address) {
    return new PublicPlaces(RULES, host -> new InetAddress[] {InetAddress.ofLiteral(address)});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1", "0.0.0.0", "10.0.0.1", "169.254.169.254", "100.64.0.1", "8.8.4.4",
        "192.168.1.1", "::1", "::ffff:127.0.0.1", "fd00:ec2::254", "fe80::1", "64:ff9b::a9fe:a9fe"
      })
  void whatIsNotPublicIsNotDialed(String address) {
    assertThrows(
        RegistryException.class,
        () -> leadingTo(address).get(URI.create("https://blobs.test/x"), "*/*"));
    RegistryException seen =
        assertThrows(RegistryException.class, () -> pullOf("https://blobs.test/x", address));
    assertTrue(String.valueOf(seen.getMessage()).contains("not public"), seen::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://blobs.test/x", "https://user@blobs.test/x", "file:///etc/passwd", "//[::1]/x",
        "https:/x", "gopher://blobs.test/", "/v2/again", "ht tp://x"
      })
  void whereElseItSendsUsIsNotAsked(String to) {
    assertThrows(RegistryException.class, () -> pullOf(to, "1.1.1.1"));
  }

  /** A registry on loopback, which the owner allows, that sends every pull elsewhere. */
  private static void pullOf(String to, String leadsTo) throws IOException, RegistryException {
    HttpServer registry =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Location", to);
          exchange.sendResponseHeaders(307, -1);
          exchange.close();
        });
    registry.start();
    try {
      String host = "127.0.0.1:" + registry.getAddress().getPort();
      new Registries(List.of(host), leadingTo(leadsTo))
          .find(Reference.parse(host + "/a:1"), new CountDownLatch(1));
    } finally {
      registry.stop(0);
    }
  }

  @Test
  void aNameIsLookedUpOnceAndThatAddressIsDialed() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"))) {
      CompletableFuture<String> met =
          CompletableFuture.supplyAsync(() -> {
            try (Socket caller = first.accept()) {
              return String.valueOf(caller.getLocalAddress().getHostAddress());
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      AtomicInteger asked = new AtomicInteger();
      PublicPlaces places =
          new PublicPlaces(
              new AddressRules(List.of(), List.of("127.0.0.2/32")),
              host ->
                  new InetAddress[] {
                    InetAddress.ofLiteral(asked.getAndIncrement() == 0 ? "127.0.0.2" : "127.0.0.1")
                  });
      URI at = URI.create("https://rebind.test:" + first.getLocalPort() + "/");
      assertThrows(IOException.class, () -> places.get(at, "*/*"));
      assertEquals("127.0.0.2", met.get(10, TimeUnit.SECONDS));
      assertEquals(1, asked.get());
      assertThrows(RegistryException.class, () -> places.get(at, "*/*"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloX",
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.0 200\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      })
  void answersAreReadToTheirEnd(String text) throws IOException {
    try (HttpAnswer answer = read(text)) {
      assertEquals(200, answer.status());
      assertEquals("hello", new String(answer.body().readAllBytes(), StandardCharsets.US_ASCII));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SSH-2.0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\nhello",
      })
  void whatBreaksOffIsAnError(String text) {
    assertThrows(IOException.class, () -> read(text).body().readAllBytes());
    String endless = "HTTP/1.1 200 OK\r\n" + "x: y\r\n".repeat(20_000);
    assertThrows(IOException.class, () -> read(endless));
  }

  private static HttpAnswer read(String text) throws IOException {
    return HttpAnswer.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), () -> {});
  }
}

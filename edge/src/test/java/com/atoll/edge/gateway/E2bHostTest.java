package com.atoll.edge.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The port of E2B's SDKs, and ids in the place of slugs. */
class E2bHostTest {
  private EdgeHarness edge;
  private Guest guest;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeHarness();
    guest = new Guest("guest", "127.0.0.2", 0);
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    guest.close();
  }

  private static String route(String id, String slug, String address) {
    return """
    {"key":"sandbox/sbx_%1$s","kind":"sandbox","slug":"%2$s","sandbox_id":"sbx_%1$s",\
    "state":"running","address":"%3$s","incarnation":1,"created_unix_ms":1}\
    """
        .formatted(id, slug, address);
  }

  @Test
  void theApiAnswersForThatPortAndIsToldTheSandbox() throws Exception {
    try (Guest api = new Guest("api", "127.0.0.3", 0);
        UnixDoor _ =
            new UnixDoor(edge.installation.serverSocket(), api.server.getAddress(), null)) {
      String host = "49983-01m8cs789ssktrwv4rcsxqrg1j.sandbox.localhost";
      String seen =
          EdgeHarness.body(edge.get(host, "/headers?path=%2Fetc", "X-Access-Token: ea_secret"));
      assertTrue(
          seen.startsWith("/e2b/host/01m8cs789ssktrwv4rcsxqrg1j/headers?path=%2Fetc\n"), seen);
      assertTrue(seen.contains("X-access-token: ea_secret\n"), seen);
    }
  }

  @Test
  void anIdNamesASandboxAsItsSlugDoesAndNoSlugTakesItAway() throws Exception {
    edge.feed.route(route("aaa", "otter", "127.0.0.2"));
    edge.feed.route(route("bbb", "aaa", "127.0.0.9"));
    for (String name : new String[] {"aaa", "otter"}) {
      String answer = edge.get(guest.port() + "-" + name + ".sandbox.localhost", "/");
      assertEquals(200, EdgeHarness.status(answer), answer);
      assertTrue(answer.endsWith("guest"), answer);
    }
  }

  @Test
  void aPortOfTheSdksHasACertificateWhenItsSandboxIsGone() throws Exception {
    Set<BigInteger> serials = new HashSet<>();
    for (String port : List.of("49983", "49999")) {
      for (int i = 0; i < 20; i++) {
        serials.add(serial(port + "-gone" + i + ".sandbox.localhost"));
      }
    }
    assertEquals(1, serials.size(), "each of them cost a signature");
    assertThrows(
        SSLHandshakeException.class, () -> serial("8080-gone.sandbox.localhost"), "no such page");
    assertThrows(SSLHandshakeException.class, () -> serial("49983-a.b.sandbox.localhost"));
  }

  /** Of the certificate for a name, which a client accepts. */
  private BigInteger serial(String name) throws Exception {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), edge.gateway.tlsPort());
        SSLSocket socket =
            (SSLSocket)
                edge.trusting()
                    .getSocketFactory()
                    .createSocket(plain, name, edge.gateway.tlsPort(), true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }
}

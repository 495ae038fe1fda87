package com.atoll.edge.egress;

import static com.atoll.edge.egress.ProxyHarness.hear;
import static com.atoll.edge.egress.ProxyHarness.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.edge.tls.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** A host that answers, with TLS that comes to nothing. */
final class UntrustedHostTest {
  @TempDir Path home;
  private ProxyHarness proxy;

  @BeforeEach
  void start() throws Exception {
    proxy = new ProxyHarness(home, ProxyHarness.policy(true));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
  }

  private void assertTold(Socket caller, String code, boolean fixable) throws Exception {
    String answer = hear(caller, "}}");
    assertTrue(answer.startsWith("HTTP/1.1 502 "), answer);
    assertTrue(answer.contains("\"" + code + "\""), answer);
    assertEquals(fixable, answer.contains("authorities.pem"), answer);
    assertFalse(answer.contains("does not answer"), answer);
    ObjectNode row = proxy.row();
    assertEquals("fail", row.path("action").asString());
    assertEquals(code, row.path("reason").asString());
  }

  @Test
  void aCertificateThatNobodyVouchesForIsTold() throws Exception {
    Authority unknown = Authority.open(home.resolve("unknown"), "nobody");
    KeyPair key = Authority.newKey();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Certificate[] chain = {unknown.issue(List.of(ProxyHarness.NAME), key), unknown.certificate()};
    store.setKeyEntry("host", key.getPrivate(), new char[0], chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    try (Socket caller = proxy.callOpened()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test\r\n\r\n");
      try (Socket plain = proxy.accept();
          SSLSocket host =
              (SSLSocket) context.getSocketFactory().createSocket(plain, null, 0, true)) {
        host.setUseClientMode(false);
        assertThrows(
            IOException.class,
            () -> {
              host.startHandshake();
              hear(host, "nothing");
            });
        assertTold(caller, "EGRESS_CERTIFICATE_NOT_TRUSTED", true);
      }
    }
  }

  @Test
  void aHostThatRefusesTlsDoesAnswer() throws Exception {
    try (Socket caller = proxy.callOpened()) {
      say(caller, "GET / HTTP/1.1\r\nHost: api.test\r\n\r\n");
      try (Socket host = proxy.accept()) {
        assertEquals(0x16, host.getInputStream().read());
        say(host, "\u0015\3\3\0\2\2\50");
        assertTold(caller, "EGRESS_TLS_FAILED", false);
      }
    }
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sandbox reaches, and what it does not. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworkScenarioTest {
  private static final String CONNECT =
      "timeout 3 bash -c 'exec 3<>/dev/tcp/%s/%d' 2>/dev/null; echo $?";
  private final Given given = new Given();
  private Sandbox sandbox;

  @BeforeAll
  void start() {
    sandbox = given.aSandbox().running();
  }

  @AfterAll
  void stop() {
    sandbox.close();
  }

  @Test
  void theRegistriesAreReachedWithTheHostsAuthorities() {
    assertEquals(
        "200", sandbox.run("curl -s -o /dev/null -w '%{http_code}' https://pypi.org/simple/six/"));
    sandbox.run("pip download --no-deps -q -d /tmp/p six && ls /tmp/p | grep -q six");
    sandbox.run("npm view is-number version");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "127.0.0.1",
        "100.64.0.1"
      })
  void privateRangesAreClosed(String address) {
    assertNotEquals("0", sandbox.run(CONNECT.formatted(address, 80)));
  }

  @Test
  void theHostIsClosed() {
    String gateway = sandbox.run("awk '/^nameserver/{print $2; exit}' /etc/resolv.conf");
    for (int port : new int[] {22, given.target.httpPort(), 5432}) {
      assertNotEquals("0", sandbox.run(CONNECT.formatted(gateway, port)), "port " + port);
    }
  }

  @Test
  void anotherSandboxIsClosed() {
    try (Sandbox neighbor = given.aSandbox().running().serving(8000, "private")) {
      String address = neighbor.run("hostname -I 2>/dev/null | awk '{print $1}'");
      assertNotEquals("", address);
      assertEquals("0", neighbor.run(CONNECT.formatted(address, 8000)));
      assertNotEquals("0", sandbox.run(CONNECT.formatted(address, 8000)));
    }
  }

  @Test
  void namesAreResolved() {
    sandbox.run("getent hosts pypi.org");
    assertNotEquals(0, sandbox.exec("getent hosts no-such-name.invalid").exitCode());
  }
}

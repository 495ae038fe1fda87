package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a sandbox with an egress policy reaches, and what it is told when it does not. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressScenarioTest {
  private static final String PORT =
      "timeout 3 bash -c 'exec 3<>/dev/tcp/%s/%d' 2>/dev/null; echo $?";
  private static final String STATUS = "curl -sk -m 8 -o /dev/null -w '%{http_code}' ";

  /** Tries what is closed, until it is told to end. */
  private static final String ATTEMPTS =
      """
      while [ ! -e /tmp/enough ]; do
        for u in http://shut.test/ https://shut.test/ http://%s/ http://%s:8080/; do
          c=$(curl -sk -m 2 -o /dev/null -w '%%{http_code}' "$u")
          [ "$c" != 200 ] || echo "$u" >> /tmp/leak
        done
        echo >> /tmp/tried
      done
      """
          .formatted(Outside.ADDRESS, Outside.ADDRESS);

  private final Given given = new Given();
  private final Host host = Host.of(given.target);
  private Outside outside;
  private Sandbox sandbox;
  private String policy;

  @BeforeAll
  void start() {
    outside =
        new Outside(
                given.target,
                Map.of(
                    "open.test",
                    Outside.ADDRESS,
                    "sub.open.test",
                    Outside.ADDRESS,
                    "shut.test",
                    Outside.ADDRESS,
                    "later.test",
                    Outside.ADDRESS,
                    "part.test",
                    Outside.ADDRESS,
                    Outside.PROVEN,
                    Outside.ADDRESS,
                    "host.test",
                    Outside.HOST_END,
                    "private.test",
                    "10.0.0.1",
                    "metadata.test",
                    "169.254.169.254"))
            .trusted()
            .ready();
    restart("edge");
    sandbox = given.aSandbox().running();
    policy = lock(sandbox);
    allow("open.test", Map.of());
    allow("host.test", Map.of());
    allow("private.test", Map.of());
    allow("metadata.test", Map.of());
    allow("part.test", Map.of("methods", new String[] {"GET"}, "path_glob", "/v1/**"));
  }

  @AfterAll
  void stop() {
    sandbox.close();
    outside.close();
    restart("edge");
  }

  private String lock(Sandbox of) {
    return data(given.api.post("/egress/policies", lockOf(of)), 201).path("id").asString();
  }

  private static Map<String, Object> lockOf(Sandbox of) {
    return Map.of(
        "name", "locked",
        "mode", "enforce",
        "default_effect", "deny",
        "resource_type", "sandbox",
        "resource_id", of.id());
  }

  private String allow(String name, Map<String, Object> more) {
    return rule(sandbox, "allow", name, more);
  }

  private String rule(Sandbox of, String effect, String name, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("host", name);
    body.put("effect", effect);
    body.put("resource_type", "sandbox");
    body.put("resource_id", of.id());
    return data(given.api.post("/egress/allowlist", body), 201).path("id").asString();
  }

  private static JsonNode data(Reply reply, int status) {
    return reply.expect(status).json().path("data");
  }

  private String get(String arguments) {
    return sandbox.exec("curl -sk -m 8 " + arguments).stdout();
  }

  private static String status(Sandbox of, String arguments) {
    return of.exec(STATUS + arguments).stdout();
  }

  @Test
  void withoutAPolicyEverythingIsDirect() {
    try (Sandbox free = given.aSandbox().running()) {
      assertEquals("200", status(free, "http://shut.test/"));
      assertEquals("200", status(free, "https://shut.test/"));
      assertEquals("200", status(free, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void anAllowedHostIsReachedAndNoOther() {
    assertTrue(get("http://open.test/a?b=c").startsWith("outside GET /a?b=c host=open.test"));
    assertEquals("403", status(sandbox, "http://shut.test/"));
    assertEquals("403", status(sandbox, "http://sub.open.test/"));
    JsonNode error = Reply.JSON.readTree(get("http://shut.test/x")).path("error");
    assertEquals("EGRESS_HOST_NOT_ALLOWED", error.path("code").asString());
    assertEquals("shut.test", error.path("host").asString());
    assertEquals(policy, error.path("policy_id").asString());
  }

  @Test
  void bodiesAndConnectionsArePassedOn() {
    sandbox.run("head -c 3000000 /dev/zero > /tmp/big");
    assertTrue(get("--data-binary @/tmp/big http://open.test/up").endsWith("body=3000000"));
    assertTrue(
        get("-H 'Transfer-Encoding: chunked' --data-binary @/tmp/big http://open.test/up")
            .endsWith("body=3000000"));
    assertEquals("200", status(sandbox, "-I http://open.test/"));
    assertEquals(
        "200403200",
        sandbox
            .exec(
                "for u in open shut open; do echo \"url=http://$u.test/\"; done | "
                    + "curl -sk -m 8 -o /dev/null -o /dev/null -o /dev/null -w '%{http_code}' -K -")
            .stdout());
    // The refusal of a large request arrives although nobody wanted its body.
    assertEquals("403", status(sandbox, "--data-binary @/tmp/big -H Expect: http://shut.test/"));
  }

  @Test
  void theNameDecidesAndTheAddressOpensNothing() {
    String address = "http://" + Outside.ADDRESS + "/";
    assertEquals("403", status(sandbox, address));
    assertEquals("403", status(sandbox, "-H 'Host: shut.test' " + address));
    // Whatever address it dialed, it gets the host that it named.
    String named = get("-H 'Host: open.test' http://11.47.99.99/");
    assertTrue(named.startsWith("outside GET / host=open.test"), named);
    assertEquals("400", status(sandbox, "-H 'Host: open.test:8080' " + address));
    assertEquals(
        "400",
        get("-o /dev/null -w '%{http_connect}' -p -x http://open.test:80 https://shut.test/"));
    assertEquals("400", status(sandbox, "-x http://open.test:80 http://shut.test/"));
    String two =
        sandbox
            .exec(
                "exec 3<>/dev/tcp/%s/80; printf 'GET / HTTP/1.1\\r\\nHost: open.test\\r\\nHost: shut.test\\r\\n\\r\\n' >&3; timeout 3 head -1 <&3"
                    .formatted(Outside.ADDRESS))
            .stdout();
    assertTrue(two.contains("400"), two);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host.test", "private.test", "metadata.test"})
  void aNameThatLeadsInsideIsRefusedThoughItIsAllowed(String name) {
    String said = get("http://" + name + "/");
    assertTrue(said.contains("EGRESS_ADDRESS_NOT_ALLOWED"), said);
    assertEquals("000", status(sandbox, "https://" + name + "/"));
  }

  @Test
  void tlsIsPassedOnByItsName() {
    assertTrue(get("https://open.test/s").startsWith("outside GET /s host=open.test"));
    assertEquals("000", status(sandbox, "https://shut.test/"));
    assertEquals("000", status(sandbox, "https://" + Outside.ADDRESS + "/"));
    String foreign = "--connect-to ::" + Outside.ADDRESS + ": https://shut.test/";
    assertEquals("000", status(sandbox, foreign));
    assertTrue(get("--connect-to ::11.47.99.99: https://open.test/").startsWith("outside GET"));
    assertEquals("000", status(sandbox, "http://open.test:443/"));
  }

  @Test
  void everyOtherWayOutIsClosed() {
    assertNotEquals("0", sandbox.run(PORT.formatted(Outside.ADDRESS, 8080)));
    assertNotEquals("0", sandbox.run(PORT.formatted(Outside.ADDRESS, 22)));
    assertNotEquals("0", sandbox.run(PORT.formatted(Outside.ADDRESS, 853)));
    assertNotEquals(0, sandbox.exec("curl -6 -sk -m 4 http://open.test/").exitCode());
    assertNotEquals(0, sandbox.exec("ping -c 1 -W 2 " + Outside.ADDRESS).exitCode());
    // Whichever resolver is asked, it is this one, and names that nothing opens are not asked for.
    String program =
        """
        import socket,struct,sys
        q=b'\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00'
        for l in sys.argv[1].split('.'): q+=bytes([len(l)])+l.encode()
        q+=b'\\x00\\x00\\x01\\x00\\x01'
        s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(4); s.sendto(q,(sys.argv[2],53))
        a=s.recv(2000); print('.'.join(map(str,a[-4:])))
        """;
    sandbox.withFile("/tmp/ask.py", program);
    String gateway = sandbox.run("awk '/^nameserver/{print $2; exit}' /etc/resolv.conf");
    assertEquals(gateway, sandbox.run("python3 /tmp/ask.py shut.test 11.47.11.2"));
    assertEquals(gateway, sandbox.run("python3 /tmp/ask.py secret.data.shut.test 8.8.8.8"));
    assertEquals(Outside.ADDRESS, sandbox.run("python3 /tmp/ask.py open.test 8.8.8.8"));
    for (int port : new int[] {5311, 5312, 5313, 5314}) {
      assertNotEquals("0", sandbox.run(PORT.formatted(gateway, port)), "port " + port);
    }
  }

  @Test
  void aRedirectIsDecidedAnew() {
    assertEquals("403", status(sandbox, "-L http://open.test/to/shut.test"));
    assertEquals("200", status(sandbox, "-L http://open.test/to/open.test"));
  }

  @Test
  void methodAndPathNarrowAPermission() {
    assertEquals("200", status(sandbox, "http://part.test/v1/models"));
    assertEquals("403", status(sandbox, "http://part.test/v2/models"));
    assertEquals("403", status(sandbox, "-X POST http://part.test/v1/models"));
    assertEquals("403", status(sandbox, "--path-as-is http://part.test/v1/../v2"));
    assertEquals("403", status(sandbox, "http://part.test/v1/%2e%2e/v2"));
  }

  @Test
  void tlsIsOpenedOnlyWhereARuleNeedsMoreThanTheName() {
    // Nobody trusts the server outside: the proxy is as careful as any client.
    String said = sandbox.exec("curl -s -m 8 https://part.test/v1/models").stdout();
    assertTrue(said.contains("EGRESS_UNREACHABLE"), said);
    String refused = sandbox.exec("curl -s -m 8 https://part.test/v2/models").stdout();
    assertTrue(refused.contains("EGRESS_HOST_NOT_ALLOWED"), refused);
    // The sandbox trusts the proxy where it opens, and sees the server's own certificate elsewhere.
    String issuer = "curl -skv -m 8 https://%s/ 2>&1 | grep -i 'issuer:'";
    assertTrue(sandbox.run(issuer.formatted("part.test")).contains("Atoll"));
    assertTrue(sandbox.run(issuer.formatted("open.test")).contains("outside"));
    // Another host's name inside is another call.
    String fronted =
        sandbox.exec("curl -s -m 8 -H 'Host: shut.test' https://part.test/v1/x").stdout();
    assertTrue(fronted.contains("EGRESS_HOST_MISMATCH"), fronted);
  }

  @Test
  void aSecretIsPutIntoRequestsForItsHostsAndNeverShown() {
    try (Sandbox one = given.aSandbox().running()) {
      Map<String, Object> body = new HashMap<>();
      body.put("name", "token");
      body.put("type", "bearer");
      body.put("value", "s3cret-s3cret-s3cret");
      body.put("hosts", new String[] {"http://open.test"});
      body.put("resource_type", "sandbox");
      body.put("resource_id", one.id());
      Reply made = given.api.post("/egress/secrets", body).expect(201);
      assertFalse(made.text().contains("s3cret-s3cret"), made::toString);
      String id = made.json().path("data").path("id").asString();
      String asked = "curl -s -m 8 -H 'Authorization: mine' http://";
      assertTrue(
          one.run(asked + "open.test/").contains("authorization=Bearer s3cret-s3cret-s3cret"));
      assertTrue(one.run(asked + "shut.test/").contains("authorization=mine"));
      assertFalse(
          one.run("env; cat /proc/*/environ 2>/dev/null | tr '\\0' ' '").contains("s3cret"));
      given
          .api
          .json("PATCH", "/egress/secrets/" + id, Map.of("value", "n3w-n3w-n3w-n3w-n3w"), Map.of())
          .expect(200);
      assertTrue(one.run(asked + "open.test/").contains("Bearer n3w-"));
      given
          .api
          .json(
              "PATCH",
              "/egress/secrets/" + id,
              Map.of("value", "gone", "expires_at", "2020-01-01T00:00:00Z"),
              Map.of())
          .expect(200);
      assertTrue(one.run(asked + "open.test/").contains("EGRESS_SECRET_UNAVAILABLE"));
      given.stranger.get("/egress/secrets/" + id).expect(404);
      given.api.delete("/egress/secrets/" + id).expect(204);
      assertTrue(one.run(asked + "open.test/").contains("authorization=mine"));
    }
  }

  /** Behind TLS that the proxy verifies as any client would: one authority is the owner's own. */
  @Test
  void aSecretIsPutIntoTlsOnlyWhereTheHostProvesWhoItIs() {
    try (Sandbox one = given.aSandbox().running()) {
      Map<String, Object> body = new HashMap<>();
      body.put("name", "token");
      body.put("type", "bearer");
      body.put("value", "s3aled-s3aled-s3aled");
      body.put("hosts", new String[] {"proven.test", "open.test"});
      body.put("resource_type", "sandbox");
      body.put("resource_id", one.id());
      String id = data(given.api.post("/egress/secrets", body), 201).path("id").asString();
      String asked = "curl -s -m 8 -H 'Authorization: mine' https://";
      Given.eventually(
          10,
          "the secret is in the request",
          () ->
              one.exec(asked + "proven.test/a")
                  .stdout()
                  .equals(
                      "outside GET /a host=proven.test authorization=Bearer s3aled-s3aled-s3aled"
                          + " body=0"));
      // The same server, under a name that its certificate does not have.
      String unproven = one.exec(asked + "open.test/a").stdout();
      assertTrue(unproven.contains("EGRESS_UNREACHABLE"), unproven);
      // Where no secret goes, the proxy sees nothing.
      assertTrue(one.run("curl -sk -m 8 https://shut.test/").contains("authorization=null"));
      given.api.delete("/egress/secrets/" + id).expect(204);
    }
  }

  @Test
  void aSecretIsAVariableWhenThatIsWanted() {
    try (Sandbox one = given.aSandbox().running()) {
      String id =
          data(
                  given.api.post(
                      "/egress/secrets",
                      Map.of(
                          "name", "token",
                          "value", "v1",
                          "expose_as_env", "TOKEN",
                          "resource_type", "sandbox",
                          "resource_id", one.id())),
                  201)
              .path("id")
              .asString();
      assertEquals("v1", one.run("echo $TOKEN"));
      assertFalse(given.api.get(one.at("/env")).expect(200).text().contains("v1"));
      given.api.json("PATCH", "/egress/secrets/" + id, Map.of("value", "v2"), Map.of()).expect(200);
      assertEquals("v2", one.run("echo $TOKEN"));
      given.api.delete("/egress/secrets/" + id).expect(204);
      assertEquals("", one.run("echo $TOKEN"));
    }
  }

  @Test
  void aChangeIsInForceWithinASecond() {
    assertEquals("403", status(sandbox, "http://later.test/"));
    String rule = allow("later.test", Map.of());
    assertEquals("200", status(sandbox, "http://later.test/"));
    assertEquals("200", status(sandbox, "https://later.test/"));
    // An open connection ends with its permission.
    sandbox.exec(
        "(exec 3<>/dev/tcp/later.test/80; printf 'POST / HTTP/1.1\\r\\nHost: later.test\\r\\nContent-Length: 5\\r\\n\\r\\n' >&3;"
            + " touch /tmp/asked; cat <&3 >/dev/null; touch /tmp/ended) >/dev/null 2>&1 &");
    Given.eventually(
        10, "a connection is open", () -> sandbox.exec("test -e /tmp/asked").exitCode() == 0);
    given.api.delete("/egress/allowlist/" + rule).expect(204);
    assertEquals("403", status(sandbox, "http://later.test/"));
    assertEquals("000", status(sandbox, "https://later.test/"));
    Given.eventually(
        3, "the open connection ended", () -> sandbox.exec("test -e /tmp/ended").exitCode() == 0);
  }

  @Test
  void observingRefusesNothingAndSuggests() {
    try (Sandbox watched = given.aSandbox().running()) {
      String id = lock(watched);
      given
          .api
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "audit_only"), Map.of())
          .expect(200);
      assertEquals("200", status(watched, "http://shut.test/observed"));
      assertEquals("200", status(watched, "https://shut.test/"));
      assertEquals("200", status(watched, "http://" + Outside.ADDRESS + ":8080/"));
      String calls = "/egress/audit?resource_id=" + watched.id();
      Given.eventually(
          5,
          "both calls are written down",
          () -> given.api.get(calls).expect(200).json().path("events").size() >= 2);
      JsonNode call =
          given.api.get(calls + "&action=would_deny&host=shut.test").json().path("events").get(0);
      assertEquals("deny", call.path("effect").asString());
      data(given.api.get("/egress/audit/" + call.path("id").asString()), 200);
      given.stranger.get("/egress/audit/" + call.path("id").asString()).expect(404);
      JsonNode suggested =
          given
              .api
              .get("/egress/audit/suggestions?since=1h&resource_id=" + watched.id())
              .expect(200)
              .json()
              .path("suggestions")
              .get(0);
      assertEquals("shut.test", suggested.path("host").asString());
      assertEquals(2, suggested.path("denied_count").asInt());
      given
          .api
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "enforce"), Map.of())
          .expect(200);
      assertEquals("403", status(watched, "http://shut.test/"));
      assertNotEquals("0", watched.run(PORT.formatted(Outside.ADDRESS, 8080)));
      given.api.delete("/egress/policies/" + id).expect(204);
      assertEquals("200", status(watched, "http://shut.test/"));
      assertEquals("200", status(watched, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aDenialAloneLeavesTheRestOpen() {
    try (Sandbox one = given.aSandbox().running()) {
      rule(one, "deny", "shut.test", Map.of());
      assertEquals("403", status(one, "http://shut.test/"));
      assertEquals("200", status(one, "http://open.test/"));
      assertEquals("200", status(one, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aWorkspacesPolicyHoldsFromTheFirstCommandOn() {
    String name = Given.unique("locked");
    String workspace =
        data(given.api.post("/workspaces", Map.of("name", name, "slug", name)), 201)
            .path("id")
            .asString();
    String id =
        data(
                given.api.json(
                    "PATCH",
                    "/egress/policies",
                    Map.of(
                        "mode", "enforce",
                        "resource_type", "workspace",
                        "resource_id", workspace),
                    Map.of()),
                200)
            .path("id")
            .asString();
    try (Sandbox born = given.aSandbox().with("workspace_id", workspace).running()) {
      assertNotEquals("0", born.run(PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", status(born, "http://open.test/"));
      JsonNode shown =
          given
              .api
              .get("/egress/policies?resource_type=sandbox&resource_id=" + born.id())
              .expect(200)
              .json()
              .path("policies");
      assertEquals(1, shown.size());
      assertTrue(shown.get(0).path("effective").asBoolean());
      given.api.post(born.at("/pause"), Map.of()).expect(200);
      assertNotEquals("0", born.run(PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", status(born, "http://open.test/"));
      given
          .stranger
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "audit_only"), Map.of())
          .expect(404);
      given
          .stranger
          .post(
              "/egress/allowlist",
              Map.of("host", "*", "resource_type", "sandbox", "resource_id", born.id()))
          .expect(404);
      given.stranger.post("/egress/allowlist", Map.of("host", "*", "policy_id", id)).expect(404);
      given.stranger.post("/egress/allowlist", Map.of("host", "*")).expect(201);
      assertEquals("403", status(born, "http://open.test/"));
    } finally {
      given.api.delete("/egress/policies/" + id).expect(204);
    }
  }

  /** The attempts go on inside while the process is away: nothing outside has to answer. */
  @ParameterizedTest
  @ValueSource(strings = {"edge", "server", "node"})
  void theDoorStaysShutWhenAProcessIsKilled(String role) {
    sandbox.withFile("/tmp/try.sh", ATTEMPTS);
    sandbox.exec("rm -f /tmp/leak /tmp/tried; (bash /tmp/try.sh >/dev/null 2>&1 &)");
    restart(role);
    Given.eventually(
        60,
        "the allowed host is reached",
        () -> {
          try {
            return status(sandbox, "-m 2 http://open.test/").equals("200");
          } catch (UncheckedIOException | AssertionError away) {
            return false;
          }
        });
    assertEquals("403", status(sandbox, "http://shut.test/"));
    Given.eventually(60, "it was tried again and again", () -> tried() > 3);
    sandbox.exec("touch /tmp/enough; sleep 3");
    assertEquals("", sandbox.exec("cat /tmp/leak 2>/dev/null").stdout());
    sandbox.exec("rm -f /tmp/enough");
  }

  static Stream<String> steps() {
    return Crashes.points("egress");
  }

  /** Once it is acknowledged it holds, whatever was killed between its row and its kernel. */
  @ParameterizedTest
  @MethodSource("steps")
  void aPolicyThatWasAcknowledgedNeverLeavesTheDoorOpen(String point) {
    Crashes crashes = new Crashes(given, host);
    try (Sandbox locked = given.aSandbox().running()) {
      assertEquals("200", status(locked, "http://shut.test/"));
      crashes.arm(point);
      String key = Given.unique("key");
      Reply made = crashes.insist("POST", "/egress/policies", lockOf(locked), key);
      assertEquals(201, made.status(), made::toString);
      Crashes.eventually(
          30,
          "it is refused, and was not let through before",
          () -> {
            Reply reply =
                given.api.post(locked.at("/exec"), Map.of("command", STATUS + "http://shut.test/"));
            String said = reply.status() == 200 ? reply.string("stdout") : "";
            assertNotEquals("200", said);
            return said.equals("403");
          });
      crashes.await(point);
      assertEquals("403", status(locked, "http://shut.test/"));
      assertEquals("000", status(locked, "https://shut.test/"));
    }
  }

  private void restart(String role) {
    long before = host.pid(role);
    host.kill(role);
    Crashes.eventually(
        60,
        role + " is back",
        () -> host.pid(role) != before && given.api.get("/sandboxes?limit=1").status() == 200);
  }

  private int tried() {
    return Integer.parseInt(sandbox.run("cat /tmp/tried 2>/dev/null | wc -l").strip());
  }

  @Test
  void whatIsWrongIsNamed() {
    Map<String, Object> bad = Map.of("host", "http://x", "effect", "maybe");
    given.api.post("/egress/allowlist", bad).expect(422);
    given.api.post("/egress/policies", Map.of("name", "x", "mode", "off")).expect(422);
    given.api.post("/egress/policies", Map.of()).expect(422);
    given.api.post("/egress/policies", Map.of("name", "x", "resource_type", "sandbox")).expect(422);
    given
        .api
        .post(
            "/egress/policies",
            Map.of("name", "x", "resource_type", "sandbox", "resource_id", "sbx_none"))
        .expect(404);
    given.api.get("/egress/audit?since=yesterday").expect(400);
    given.api.get("/egress/policies/egp_none").expect(404);
  }

  @Test
  void aRepeatedCreateMakesOneRule() {
    String key = Given.unique("key");
    Map<String, Object> body =
        Map.of(
            "host",
            Given.unique("once") + ".test",
            "resource_type",
            "sandbox",
            "resource_id",
            sandbox.id());
    String first =
        data(given.api.json("POST", "/egress/allowlist", body, Map.of("Idempotency-Key", key)), 201)
            .path("id")
            .asString();
    String again =
        data(
                given.api.send(
                    "POST",
                    "/egress/allowlist",
                    BodyPublishers.ofByteArray(Reply.JSON.writeValueAsBytes(body)),
                    Map.of("Idempotency-Key", key)),
                201)
            .path("id")
            .asString();
    assertEquals(first, again);
  }
}

package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Policies and rules: whom they hold for, from when on, and what they write down. */
@Tag("fast")
@Tag("all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressPoliciesScenarioTest {
  private final Given given = new Given();
  private Egress egress;

  @BeforeAll
  void start() {
    egress = new Egress(given);
  }

  @AfterAll
  void stop() {
    egress.close();
  }

  @Test
  void aChangeIsInForceWithinASecond() {
    assertEquals("403", Egress.status(egress.sandbox(), "http://later.test/"));
    String rule = egress.allow("later.test", Map.of());
    assertEquals("200", Egress.status(egress.sandbox(), "http://later.test/"));
    assertEquals("200", Egress.status(egress.sandbox(), "https://later.test/"));
    // An open connection ends with its permission.
    egress
        .sandbox()
        .exec(
            "(exec 3<>/dev/tcp/later.test/80; printf 'POST / HTTP/1.1\\r\\nHost: later.test\\r\\nContent-Length: 5\\r\\n\\r\\n' >&3;"
                + " touch /tmp/asked; cat <&3 >/dev/null; touch /tmp/ended) >/dev/null 2>&1 &");
    Given.eventually(
        10,
        "a connection is open",
        () -> egress.sandbox().exec("test -e /tmp/asked").exitCode() == 0);
    given.api.delete("/egress/allowlist/" + rule).expect(204);
    assertEquals("403", Egress.status(egress.sandbox(), "http://later.test/"));
    assertEquals("000", Egress.status(egress.sandbox(), "https://later.test/"));
    Given.eventually(
        3,
        "the open connection ended",
        () -> egress.sandbox().exec("test -e /tmp/ended").exitCode() == 0);
  }

  /** Asks for a name on one socket, again and again, and says how many answers came. */
  private static final String ASKING =
      """
      import os,socket,time
      where=[l.split()[1] for l in open('/etc/resolv.conf') if l.startswith('nameserver')][0]
      s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(0.5); s.connect((where,53))
      query=bytes.fromhex('abcd01000001000000000000')+b'\\x09localhost\\x00'+bytes.fromhex('00010001')
      answers=0
      while True:
        try:
          s.send(query); s.recv(512); answers+=1
        except OSError: pass
        open('/tmp/answers.new','w').write(str(answers))
        os.rename('/tmp/answers.new','/tmp/answers')
        time.sleep(0.1)
      """;

  @Test
  void whoHasAskedTheResolverBeforeALockIsNotAnsweredAfterIt() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      sandbox.withFile("/workspace/asking.py", ASKING);
      sandbox.run("nohup python3 /workspace/asking.py >/dev/null 2>&1 &");
      Given.eventually(
          20, "it is answered", () -> sandbox.exec("grep -q '[3-9]' /tmp/answers").exitCode() == 0);
      egress.lock(sandbox);
      String then = sandbox.run("cat /tmp/answers");
      sandbox.run("sleep 3");
      int more =
          Integer.parseInt(sandbox.run("cat /tmp/answers").strip())
              - Integer.parseInt(then.strip());
      // One may have been on its way.
      assertTrue(more <= 1, () -> more + " answers after the lock");
    }
  }

  /** An upload that does not end, or a connection that waits for its next request. */
  private static final String OPEN =
      """
      import os,re,socket,ssl,sys
      host,secure,path,mark=sys.argv[1],sys.argv[2]=='tls',sys.argv[3],sys.argv[4]
      s=socket.create_connection((host,443 if secure else 80))
      if secure:
        c=ssl.create_default_context(); c.check_hostname=False; c.verify_mode=ssl.CERT_NONE
        s=c.wrap_socket(s,server_hostname=host)
      def send(line,more=''): s.sendall(f'{line} {path} HTTP/1.1\\r\\nHost: {host}\\r\\n{more}\\r\\n'.encode())
      def answer():
        said=b''
        while not re.search(rb'body=\\d|}}$',said):
          part=s.recv(9000)
          if not part: break
          said+=part
        return said
      send('GET'); assert b' 200 ' in answer()
      if mark.endswith('up'): send('POST','Content-Length: 5\\r\\n')
      else: os.mkfifo(mark+'-ask')
      open(mark+'-open','w')
      if not mark.endswith('up'):
        open(mark+'-ask').read(); send('GET')
        open(mark+'-part','wb').write(answer()); os.rename(mark+'-part',mark+'-said')
        sys.exit()
      try: s.recv(1)
      except OSError: pass
      open(mark+'-ended','w')
      """;

  private static void open(Sandbox in, String host, String how, String path, String mark) {
    in.withFile("/tmp/open.py", OPEN);
    in.exec(
        "python3 /tmp/open.py %s %s %s /tmp/%s >/tmp/%s-log 2>&1 &"
            .formatted(host, how, path, mark, mark));
    awaits(in, mark + "-open");
  }

  private static void awaits(Sandbox in, String file) {
    Given.eventually(10, "there is " + file, () -> in.exec("test -e /tmp/" + file).exitCode() == 0);
  }

  /** Each is open when its permission goes, and ends with it. */
  @Test
  void aChangeEndsWhatIsOpenWhetherOrNotItIsLookedInto() {
    try (Sandbox one = given.aSandbox().running()) {
      egress.lock(one);
      String part =
          egress.rule(
              one,
              "allow",
              "proven.test",
              Map.of("methods", new String[] {"GET", "POST"}, "path_glob", "/v1/**"));
      egress.rule(one, "allow", "proven.test", Map.of("path_glob", "/v2/**"));
      open(one, "proven.test", "tls", "/v1/a", "first-up");
      open(one, "proven.test", "tls", "/v2/a", "second-up");
      given.api.delete("/egress/allowlist/" + part).expect(204);
      awaits(one, "first-up-ended");
      assertEquals("200", Egress.status(one, "https://proven.test/v2/a"));
      assertNotEquals(0, one.exec("test -e /tmp/second-up-ended").exitCode());
    }
  }

  @Test
  void aConnectionWithASecretEndsWithTheSecret() {
    try (Sandbox one = given.aSandbox().running()) {
      String id =
          Egress.data(
                  given.api.post(
                      "/egress/secrets",
                      Map.of(
                          "name", "token",
                          "value", "v1",
                          "hosts", new String[] {"proven.test"},
                          "resource_type", "sandbox",
                          "resource_id", one.id())),
                  201)
              .path("id")
              .asString();
      open(one, "proven.test", "tls", "/", "secret-up");
      given.api.delete("/egress/secrets/" + id).expect(204);
      awaits(one, "secret-up-ended");
    }
  }

  @Test
  void aDenialOfAddressesEndsWhatIsOpenThere() {
    try (Sandbox one = given.aSandbox().running()) {
      egress.rule(one, "deny", "shut.test", Map.of());
      egress.rule(one, "allow", "proven.test", Map.of("path_glob", "/v1/**"));
      open(one, "open.test", "tls", "/", "passed-up");
      open(one, "proven.test", "tls", "/v1/a", "inspected-up");
      open(one, "later.test", "http", "/", "again");
      String rule = egress.rule(one, "deny", Outside.ADDRESS + "/32", Map.of());
      awaits(one, "passed-up-ended");
      awaits(one, "inspected-up-ended");
      one.run("echo > /tmp/again-ask");
      awaits(one, "again-said");
      String said = one.run("cat /tmp/again-said");
      assertTrue(said.contains("403") && said.contains("EGRESS_HOST_NOT_ALLOWED"), said);
      assertTrue(said.contains(rule), said);
    }
  }

  @Test
  void observingRefusesNothingAndSuggests() {
    try (Sandbox watched = given.aSandbox().running()) {
      String id = egress.lock(watched);
      given
          .api
          .json("PATCH", "/egress/policies/" + id, Map.of("mode", "audit_only"), Map.of())
          .expect(200);
      assertEquals("200", Egress.status(watched, "http://shut.test/observed"));
      assertEquals("200", Egress.status(watched, "https://shut.test/"));
      assertEquals("200", Egress.status(watched, "http://" + Outside.ADDRESS + ":8080/"));
      String calls = "/egress/audit?resource_id=" + watched.id();
      Given.eventually(
          5,
          "both calls are written down",
          () -> given.api.get(calls).expect(200).json().path("events").size() >= 2);
      JsonNode call =
          given.api.get(calls + "&action=would_deny&host=shut.test").json().path("events").get(0);
      assertEquals("deny", call.path("effect").asString());
      Egress.data(given.api.get("/egress/audit/" + call.path("id").asString()), 200);
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
      assertEquals("403", Egress.status(watched, "http://shut.test/"));
      assertNotEquals("0", watched.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      given.api.delete("/egress/policies/" + id).expect(204);
      assertEquals("200", Egress.status(watched, "http://shut.test/"));
      assertEquals("200", Egress.status(watched, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aDenialAloneLeavesTheRestOpen() {
    try (Sandbox one = given.aSandbox().running()) {
      egress.rule(one, "deny", "shut.test", Map.of());
      assertEquals("403", Egress.status(one, "http://shut.test/"));
      assertEquals("200", Egress.status(one, "http://open.test/"));
      assertEquals("200", Egress.status(one, "http://" + Outside.ADDRESS + ":8080/"));
    }
  }

  @Test
  void aWorkspacesPolicyHoldsFromTheFirstCommandOn() {
    String name = Given.unique("locked");
    String workspace =
        Egress.data(given.api.post("/workspaces", Map.of("name", name, "slug", name)), 201)
            .path("id")
            .asString();
    String id =
        Egress.data(
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
      assertNotEquals("0", born.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", Egress.status(born, "http://open.test/"));
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
      assertNotEquals("0", born.run(Egress.PORT.formatted(Outside.ADDRESS, 8080)));
      assertEquals("403", Egress.status(born, "http://open.test/"));
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
      assertEquals("403", Egress.status(born, "http://open.test/"));
    } finally {
      given.api.delete("/egress/policies/" + id).expect(204);
    }
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
            egress.sandbox().id());
    String first =
        Egress.data(
                given.api.json("POST", "/egress/allowlist", body, Map.of("Idempotency-Key", key)),
                201)
            .path("id")
            .asString();
    String again =
        Egress.data(
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

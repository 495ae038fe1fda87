package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What is open when a sandbox's first policy begins, and when its last one ends. */
@Tag("fast")
@Tag("all")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EgressBeginningScenarioTest {
  /** Asks again and again on one connection; or takes long over one upload. */
  private static final String CALLING =
      """
      import os,re,socket,sys,time
      s=socket.create_connection(('open.test',80)); s.settimeout(8)
      def answer():
        said=b''
        while not re.search(rb'body=\\d',said):
          part=s.recv(9000)
          if not part: raise OSError('ended')
          said+=part
      def mark(what): open('/tmp/'+what,'w')
      try:
        if sys.argv[1]=='upload':
          s.sendall(b'POST /a HTTP/1.1\\r\\nHost: open.test\\r\\nContent-Length: 9\\r\\n\\r\\nbegin'); mark('begun')
          while not os.path.exists('/tmp/go'): time.sleep(0.1)
          s.sendall(b'-end'); answer(); mark('answered')
        else:
          for i in range(600):
            s.sendall(b'GET /a HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n'); answer(); mark('asked-%d'%i); time.sleep(0.1)
      except OSError as e: mark('ended')
      """;

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

  private static void call(Sandbox in, String how) {
    in.withFile("/tmp/calling.py", CALLING);
    in.exec("python3 /tmp/calling.py " + how + " >/tmp/log 2>&1 &");
  }

  private static void awaits(Sandbox in, String mark) {
    Given.eventually(
        20, mark, () -> in.exec("test -e /tmp/" + mark).exitCode() == 0, () -> in.run("ls /tmp"));
  }

  private String watch(Sandbox of) {
    Map<String, Object> policy =
        Map.of(
            "name", "watching",
            "mode", "audit_only",
            "default_effect", "deny",
            "resource_type", "sandbox",
            "resource_id", of.id());
    return Egress.data(given.api.post("/egress/policies", policy), 201).path("id").asString();
  }

  @Test
  void whatWasOpenGoesOnWhileThePolicyWatchesAndEndsWhenItRefuses() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      call(sandbox, "again");
      awaits(sandbox, "asked-3");
      String policy = watch(sandbox);
      int so = Integer.parseInt(sandbox.run("ls /tmp | grep -c asked-").strip());
      awaits(sandbox, "asked-" + (so + 20));
      assertEquals(1, sandbox.exec("test -e /tmp/ended").exitCode());
      given
          .api
          .json("PATCH", "/egress/policies/" + policy, Map.of("mode", "enforce"), Map.of())
          .expect(200);
      awaits(sandbox, "ended");
    }
  }

  @Test
  void aCallThatIsUnderWayIsAnsweredAfterTheEndOfThePolicy() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      String policy = watch(sandbox);
      call(sandbox, "upload");
      awaits(sandbox, "begun");
      sandbox.run("sleep 1");
      given.api.delete("/egress/policies/" + policy).expect(204);
      sandbox.run("sleep 2; touch /tmp/go");
      awaits(sandbox, "answered");
    }
  }
}

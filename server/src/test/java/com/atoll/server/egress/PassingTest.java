package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.Flow;
import com.atoll.node.v1.Flow.Passage;
import com.atoll.server.egress.Passing.Outcome;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PassingTest {
  private static final OrganizationId ORG = new OrganizationId("org_1");
  private static final OffsetDateTime NOW = Policies.now();
  private static final Bound SANDBOX = new Bound(Bound.Kind.SANDBOX, "sbx_1");

  private static Effective under(boolean enforce, boolean allow, Rule... rules) {
    Policy policy = new Policy("egp", ORG, "egp", null, enforce, allow, SANDBOX, null, 1, NOW, NOW);
    return Effective.of(
        new Effective.Place("sbx_1", "ws_1"),
        new Written(List.of(policy), List.of(rules), List.of(), List.of()));
  }

  private static Rule rule(String id, boolean allow, String host) {
    return new Rule(
        id, ORG, null, SANDBOX, allow, host, List.of(), null, null, null, NOW, List.of(), null);
  }

  private static Outcome of(Effective effective, Passage passage, String protocol, int port) {
    return Outcome.of(
        effective,
        Flow.newBuilder()
            .setWorkloadId("sbx_1")
            .setAddress("192.0.2.7")
            .setProtocol(protocol)
            .setPort(port)
            .setPassage(passage)
            .setCount(1)
            .build());
  }

  private static final Rule OPENS = rule("opens", true, "192.0.2.0/24");
  private static final Rule SHUTS = rule("shuts", false, "192.0.2.7/32");

  @Test
  void whatIsLetThroughNamesTheRuleThatOpensIt() {
    assertEquals(
        new Outcome("allow", "", "opens"),
        of(under(true, false, OPENS), Passage.PASSED, "tcp", 5432));
    assertEquals(new Outcome("allow", "", ""), of(under(true, true), Passage.PASSED, "tcp", 5432));
  }

  @Test
  void whatIsRefusedSaysWhatIsMissing() {
    assertEquals(
        new Outcome("deny", "EGRESS_HOST_NOT_ALLOWED", ""),
        of(under(true, false), Passage.KEPT, "tcp", 5432));
    assertEquals(
        new Outcome("deny", "EGRESS_HOST_NOT_ALLOWED", "shuts"),
        of(under(true, true, SHUTS, OPENS), Passage.KEPT, "tcp", 5432));
    // "*" opens names, over the proxy.
    assertEquals(
        new Outcome("deny", "EGRESS_PORT_NOT_ALLOWED", "all"),
        of(under(true, false, rule("all", true, "*")), Passage.KEPT, "tcp", 5432));
    assertEquals(
        new Outcome("deny", "EGRESS_PROTOCOL_NOT_ALLOWED", ""),
        of(under(true, true), Passage.KEPT, "udp", 443));
    assertEquals(
        new Outcome("deny", "EGRESS_ADDRESS_NOT_ALLOWED", ""),
        of(under(true, true, OPENS), Passage.BARRED, "tcp", 22));
  }

  @Test
  void aPolicyThatOnlyWatchesSaysWhatItWouldHaveDone() {
    assertEquals(
        new Outcome("would_deny", "EGRESS_HOST_NOT_ALLOWED", ""),
        of(under(false, false), Passage.PASSED, "tcp", 5432));
    assertEquals(
        new Outcome("would_deny", "EGRESS_HOST_NOT_ALLOWED", "shuts"),
        of(under(false, true, SHUTS), Passage.PASSED, "tcp", 5432));
    assertEquals(
        new Outcome("allow", "", "opens"),
        of(under(false, false, OPENS), Passage.PASSED, "tcp", 5432));
    assertEquals(
        new Outcome("deny", "EGRESS_PROTOCOL_NOT_ALLOWED", ""),
        of(under(false, false), Passage.KEPT, "udp", 443));
  }

  @Test
  void ofASandboxThatIsGoneOnlyWhatTheKernelDidIsKnown() {
    assertEquals(
        new Outcome("deny", "EGRESS_HOST_NOT_ALLOWED", ""),
        of(Effective.NONE, Passage.KEPT, "tcp", 5432));
    assertEquals(new Outcome("allow", "", ""), of(Effective.NONE, Passage.PASSED, "tcp", 5432));
  }
}

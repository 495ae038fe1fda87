package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AimTest {
  private static final OrganizationId ORG = new OrganizationId("org_1");
  private static final OffsetDateTime NOW = Policies.now();
  private static final Bound SANDBOX = new Bound(Bound.Kind.SANDBOX, "sbx_1");
  private static final Bound ELSEWHERE = new Bound(Bound.Kind.SANDBOX, "sbx_2");
  private static final Bound WORKSPACE = new Bound(Bound.Kind.WORKSPACE, "ws_1");

  private static Secret secret(String id, String... hosts) {
    return new Secret(
        id,
        ORG,
        id,
        "bearer",
        "user",
        null,
        "••••",
        List.of(hosts),
        null,
        new Secret.Owner(null, null, null, null),
        Map.of(),
        null,
        1,
        NOW,
        NOW);
  }

  private static Secret.Binding binding(String secret, Bound bound) {
    return new Secret.Binding("egb_" + secret, ORG, secret, bound, null, null, NOW);
  }

  /** What the gateways are told, in their order. */
  private static List<String> told(List<Secret> secrets, Secret.Binding... bindings) {
    Written written = new Written(List.of(), List.of(), secrets, List.of(bindings));
    return Aim.routes(Aim.of(new Effective.Place("sbx_1", "ws_1"), written)).stream()
        .map(route -> route.id() + " " + String.join(" ", route.hosts()))
        .toList();
  }

  @Test
  void theNearestBindingComesFirstThoughItsHostSaysLessAndItIsOlder() {
    assertEquals(
        List.of("egs_1 *.a.net", "egs_2 *.a.net", "egs_3 b.a.net"),
        told(
            List.of(
                secret("egs_3", "b.a.net"), secret("egs_2", "*.a.net"), secret("egs_1", "*.a.net")),
            binding("egs_3", Bound.ORGANIZATION),
            binding("egs_2", WORKSPACE),
            binding("egs_1", SANDBOX)));
  }

  @Test
  void theHostThatSaysMostComesNextAndThenTheNewestSecret() {
    assertEquals(
        List.of("egs_2 b.a.net", "egs_1 b.a.net *.b.a.net", "egs_2 http://*.a.net"),
        told(
            List.of(
                secret("egs_2", "http://*.a.net", "b.a.net"),
                secret("egs_1", "*.b.a.net", "b.a.net")),
            binding("egs_2", SANDBOX),
            binding("egs_1", SANDBOX)));
  }

  @Test
  void ofTwoBindingsOfOneSecretTheNearestCountsAndThoseOfOtherSandboxesDoNot() {
    assertEquals(
        List.of("egs_1 a.net", "egs_2 a.net"),
        told(
            List.of(secret("egs_3", "a.net"), secret("egs_2", "a.net"), secret("egs_1", "a.net")),
            binding("egs_3", ELSEWHERE),
            binding("egs_2", WORKSPACE),
            binding("egs_1", Bound.ORGANIZATION),
            binding("egs_1", SANDBOX)));
  }
}

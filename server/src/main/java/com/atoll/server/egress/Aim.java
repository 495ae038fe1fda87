package com.atoll.server.egress;

import com.atoll.server.routes.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One host of a secret, as it holds for one sandbox.
 *
 * @param kind what binds it there; the nearest one where several do
 * @param host a name, or {@code *.} and a name, after {@code http://} where it is not for TLS
 */
record Aim(Secret secret, Bound.Kind kind, String host) {
  private static final String PLAIN = "http://";

  /**
   * Which secret belongs into a request that several are for: the nearest to the sandbox, then the
   * one whose host says most, then the newest.
   */
  private static final Comparator<Aim> ORDER =
      Comparator.comparing(Aim::kind)
          .thenComparing(Aim::isWildcard)
          .thenComparingInt(aim -> -aim.name().length())
          .thenComparing(aim -> aim.secret().id(), Comparator.reverseOrder());

  private String name() {
    return host.startsWith(PLAIN) ? host.substring(PLAIN.length()) : host;
  }

  private boolean isWildcard() {
    return name().startsWith("*");
  }

  /** Those of a sandbox, the first one first. */
  static List<Aim> of(Effective.Place place, Written written) {
    Map<String, Bound.Kind> nearest = new HashMap<>();
    for (Secret.Binding binding : written.bindings()) {
      Bound bound = binding.bound();
      if (place.isIn(bound)) {
        nearest.merge(binding.secretId(), bound.kind(), (a, b) -> a.compareTo(b) <= 0 ? a : b);
      }
    }
    List<Aim> aims = new ArrayList<>();
    for (Secret secret : written.secrets()) {
      Bound.Kind kind = nearest.get(secret.id());
      if (kind != null) {
        secret.hosts().forEach(host -> aims.add(new Aim(secret, kind, host)));
      }
    }
    return aims.stream().sorted(ORDER).toList();
  }

  /** As gateways go through them: the first whose host fits; neighbors of one secret are one. */
  static List<Route.EgressSecret> routes(List<Aim> aims) {
    List<Route.EgressSecret> routes = new ArrayList<>();
    for (Aim aim : aims) {
      Secret secret = aim.secret();
      List<String> hosts = new ArrayList<>();
      if (!routes.isEmpty() && routes.getLast().id().equals(secret.id())) {
        hosts.addAll(routes.removeLast().hosts());
      }
      hosts.add(aim.host());
      routes.add(new Route.EgressSecret(secret.id(), secret.version(), List.copyOf(hosts)));
    }
    return List.copyOf(routes);
  }
}

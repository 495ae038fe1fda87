package com.atoll.server.routes;

import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The domains below which sandboxes have names: the installation's, and those of organizations. */
public final class PreviewHosts {
  private final Routes routes;
  private final Routes.Loading loading;
  private final String usual;
  private final String port;
  private final Map<OrganizationId, String> own = new ConcurrentHashMap<>();
  private long revision;

  /** No domains of organizations until {@link #replace} says which there are. */
  public PreviewHosts(Installation installation, Routes routes) {
    this.routes = routes;
    loading = routes.source();
    usual = installation.previewDomain();
    port = usual.substring(installation.domain().length());
  }

  /** What links of an organization's sandboxes end in, after their {@code sandbox} label. */
  public String domain(OrganizationId org) {
    String domain = own.get(org);
    return domain == null ? usual : domain + port;
  }

  /**
   * Says which organizations have verified which domains.
   *
   * @return the version of the routes that have them, for {@link Routes#awaitAcknowledged}
   */
  public synchronized long replace(Map<OrganizationId, String> verified) {
    long version = 0;
    for (OrganizationId gone : List.copyOf(own.keySet())) {
      if (!verified.containsKey(gone)) {
        own.remove(gone);
        version = Math.max(version, routes.remove(key(gone), ++revision));
      }
    }
    for (Map.Entry<OrganizationId, String> one : verified.entrySet()) {
      String before = own.put(one.getKey(), one.getValue());
      if (!one.getValue().equals(before)) {
        Route.Domain route =
            new Route.Domain(key(one.getKey()), one.getKey().value(), one.getValue());
        version = Math.max(version, routes.put(route, ++revision));
      }
    }
    loading.done();
    return version;
  }

  private static String key(OrganizationId org) {
    return "domain/" + org.value();
  }
}

package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.store.Tx;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Host names and links of deployments. */
final class Addresses {
  private static final int LONGEST_SLUG = 50;
  private static final Pattern SLUG = Pattern.compile("[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?");

  private final Installation installation;
  private final Map<OrganizationId, String> organizations = new ConcurrentHashMap<>();

  Addresses(Installation installation) {
    this.installation = installation;
  }

  /** The organization's slug, which is permanent. */
  String organization(Tx tx, OrganizationId org) {
    return organizations.computeIfAbsent(
        org,
        id ->
            tx.sql()
                .fetchOne("select slug from organizations where org = ?", id.value())
                .get(0, String.class));
  }

  /** The host that the platform gives a deployment. */
  String host(Tx tx, Deployment deployment) {
    return deployment.slug()
        + "."
        + organization(tx, deployment.owner().org())
        + "."
        + installation.domain();
  }

  /** The link to a deployment. */
  String url(Tx tx, Deployment deployment) {
    return "%s://%s.%s.%s"
        .formatted(
            installation.linkScheme(),
            deployment.slug(),
            organization(tx, deployment.owner().org()),
            installation.previewDomain());
  }

  /** Whether a custom domain is routed only once its DNS has said whose it is. */
  boolean asksForProof() {
    return installation.asksForDomainProof();
  }

  /** Where the owner of a custom domain points it. */
  String target(Domain domain) {
    return DomainProof.target(domain, installation.domain());
  }

  static String slugOf(String name) {
    String slug =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    String cut = slug.length() > LONGEST_SLUG - 10 ? slug.substring(0, LONGEST_SLUG - 10) : slug;
    String trimmed = cut.replaceAll("-+$", "");
    return trimmed.isEmpty() ? "app" : trimmed;
  }

  static String chosenSlug(String slug) {
    if (!SLUG.matcher(slug).matches()) {
      throw AtollException.invalid(
          "slug", "must be 1 to 50 characters of a-z, 0-9 and hyphens, not at its ends");
    }
    return slug;
  }

  /** A custom domain in the form in which it is kept. */
  String domain(String given) {
    String name = given.strip().toLowerCase(Locale.ROOT);
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    String[] labels = bare.split("\\.", -1);
    boolean wellFormed =
        bare.length() <= 253
            && labels.length >= 2
            && labels[labels.length - 1].matches("[a-z][a-z0-9-]*[a-z0-9]");
    for (String label : labels) {
      wellFormed &= LABEL.matcher(label).matches();
    }
    if (!wellFormed) {
      throw AtollException.invalid("domain", "must be a host name such as www.example.com");
    }
    if (bare.equals(installation.domain()) || bare.endsWith("." + installation.domain())) {
      throw AtollException.invalid("domain", "belongs to the platform");
    }
    return bare;
  }
}

package com.atoll.server.domains;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.platform.Installation;
import com.atoll.server.domains.PreviewDomainViews.Check;
import com.atoll.server.domains.PreviewDomainViews.DnsRecord;
import com.atoll.server.domains.PreviewDomainViews.Verified;
import com.atoll.server.domains.PreviewDomainViews.View;
import com.atoll.server.http.Call;
import com.atoll.server.routes.PreviewHosts;
import com.atoll.server.routes.Routes;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * The domain of an organization for its previews. It is the organization's once its DNS holds a
 * secret word of ours, and leads here; until then nothing is routed by it.
 */
final class PreviewDomains {
  private static final Duration IN_FORCE = Duration.ofSeconds(2);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Store store;
  private final PreviewHosts hosts;
  private final Routes routes;
  private final Dns dns;
  private final String target;

  PreviewDomains(Installation installation, Store store, PreviewHosts hosts, Routes routes) {
    this.store = store;
    this.hosts = hosts;
    this.routes = routes;
    dns = new Dns(installation.domainResolver());
    target = installation.domain();
  }

  private record Row(@Nullable String domain, String token, @Nullable Instant verifiedAt) {
    /** The domain, where there must be one. */
    String required() {
      if (domain == null) {
        throw AtollException.of(ErrorCode.NOT_FOUND, "preview domain");
      }
      return domain;
    }
  }

  View get(Call call) {
    return view(store.transaction(call.principal(), PreviewDomains::row));
  }

  View set(Call call, PreviewDomainViews.Wanted wanted) {
    call.principal().requireManager("the preview domain");
    String domain = Names.checked(wanted.domain(), target);
    View view =
        store.transaction(
            call.principal(),
            tx -> {
              Row before = row(tx);
              if (!domain.equals(before.domain())) {
                requireFree(tx, domain);
                tx.sql()
                    .execute(
                        """
                        update organization_settings set preview_domain = ?, preview_token = ?,
                          preview_verified_at = null, updated_at = now() where org = ?\
                        """,
                        domain,
                        word(),
                        tx.org().value());
                tell(tx, "preview_domain.updated", domain);
              }
              return view(row(tx));
            });
    load();
    return view;
  }

  void clear(Call call) {
    call.principal().requireManager("the preview domain");
    store.execute(
        call.principal(),
        tx -> {
          Row before = row(tx);
          if (before.domain() != null) {
            tx.sql()
                .execute(
                    """
                    update organization_settings set preview_domain = null, preview_token = null,
                      preview_verified_at = null, updated_at = now() where org = ?\
                    """,
                    tx.org().value());
            tell(tx, "preview_domain.deleted", before.required());
          }
        });
    load();
  }

  Verified verify(Call call) {
    call.principal().requireManager("the preview domain");
    Row row = store.transaction(call.principal(), PreviewDomains::row);
    String domain = row.required();
    List<Check> checks = checks(domain, row.token());
    boolean right = checks.stream().allMatch(Check::ok);
    Instant at = row.verifiedAt();
    if (right && at == null) {
      at =
          store.transaction(
              call.principal(),
              tx -> {
                Row now = row(tx);
                if (!domain.equals(now.domain()) || !row.token().equals(now.token())) {
                  throw AtollException.of(
                      ErrorCode.CONFLICT, "the preview domain was changed meanwhile");
                }
                requireFree(tx, domain);
                tx.sql()
                    .execute(
                        "update organization_settings set preview_verified_at = now() where org = ?",
                        tx.org().value());
                tell(tx, "preview_domain.verified", domain);
                return Objects.requireNonNull(row(tx).verifiedAt());
              });
      load();
    }
    return new Verified(domain, domain, right, at, target, records(domain, row.token()), checks);
  }

  /** Reads which domains are verified, and has the gateways go by them. */
  void load() {
    Map<OrganizationId, String> verified =
        store.system(tx -> {
          Map<OrganizationId, String> all = new HashMap<>();
          tx.sql()
              .fetch(
                  """
                  select org, preview_domain from organization_settings
                  where preview_verified_at is not null and preview_domain is not null\
                  """)
              .forEach(row ->
                  all.put(new OrganizationId(row.get(0, String.class)), row.get(1, String.class)));
          return all;
        });
    long version = hosts.replace(verified);
    try {
      routes.awaitAcknowledged(version, IN_FORCE);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Check> checks(String domain, String token) {
    Dns.Found texts = dns.texts(proof(domain));
    // Any name below the star will do; this one is no sandbox's.
    String probe = "check.sandbox." + domain;
    Dns.Found alias = dns.alias(probe);
    return List.of(
        new Check(
            "TXT",
            proof(domain),
            token,
            texts.values(),
            texts.values().contains(token),
            texts.failure()),
        new Check(
            "CNAME",
            probe,
            target,
            alias.values(),
            alias.values().contains(target),
            alias.failure()));
  }

  private View view(Row row) {
    String domain = row.domain();
    List<DnsRecord> records = domain == null ? List.of() : records(domain, row.token());
    return new View(domain, domain, row.verifiedAt() != null, row.verifiedAt(), target, records);
  }

  private List<DnsRecord> records(String domain, String token) {
    return List.of(
        new DnsRecord("TXT", proof(domain), token),
        new DnsRecord("CNAME", "*.sandbox." + domain, target));
  }

  private static String proof(String domain) {
    return "_atoll." + domain;
  }

  private static String word() {
    byte[] word = new byte[20];
    RANDOM.nextBytes(word);
    return "atoll-verification=" + HexFormat.of().formatHex(word);
  }

  /** Refuses a domain that another organization has verified. */
  private void requireFree(Tx tx, String domain) {
    boolean taken =
        store.system(all ->
            all.sql()
                    .fetchOne(
                        """
                        select 1 from organization_settings
                        where preview_domain = ? and preview_verified_at is not null and org <> ?\
                        """,
                        domain,
                        tx.org().value())
                != null);
    if (taken) {
      throw AtollException.of(ErrorCode.DOMAIN_TAKEN, domain);
    }
  }

  private static void tell(Tx tx, String what, String domain) {
    tx.event(
        what,
        "organization",
        tx.org().value(),
        System.currentTimeMillis(),
        Map.of("domain", domain));
  }

  /** The row of the organization, locked. */
  private static Row row(Tx tx) {
    tx.sql()
        .execute(
            "insert into organization_settings (org) values (?) on conflict do nothing",
            tx.org().value());
    Record row =
        tx.sql()
            .fetchSingle(
                """
                select preview_domain, coalesce(preview_token, '') as token, preview_verified_at
                from organization_settings where org = ? for update\
                """,
                tx.org().value());
    OffsetDateTime at = row.get("preview_verified_at", OffsetDateTime.class);
    return new Row(
        row.get("preview_domain", String.class),
        row.get("token", String.class),
        at == null ? null : at.toInstant());
  }
}

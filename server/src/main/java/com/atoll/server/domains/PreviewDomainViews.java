package com.atoll.server.domains;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is sent and answered about preview domains. */
final class PreviewDomainViews {
  private PreviewDomainViews() {}

  /** The domain to take. */
  record Wanted(
      @Doc(
              value =
                  "Domain like previews.example.com: previews are at"
                      + " {port}-{slug}.sandbox.previews.example.com.",
              min = 1,
              max = 253)
          @JsonAlias("preview_domain")
          String domain) {}

  /** A record that the domain's DNS must have. */
  record DnsRecord(
      @Doc("TXT or CNAME.") String type,
      @Doc("Name of the record.") String name,
      @Doc("What it must say.") String value) {}

  /** A domain. */
  record View(
      @Doc("The domain; null when none is set.") @Nullable String domain,
      @Doc("The same.") @Nullable String previewDomain,
      @Doc("Whether links carry it: its DNS has said whose it is.") boolean verified,
      @Doc("Since when; null when it is not verified.") @Nullable Instant verifiedAt,
      @Doc("What *.sandbox below the domain must be an alias of.") String cnameTarget,
      @Doc("Records that its DNS must have.") List<DnsRecord> records) {}

  /** What DNS said about a record. */
  record Check(
      @Doc("TXT or CNAME.") String type,
      @Doc("Name that was asked for.") String name,
      @Doc("What it must say.") String expected,
      @Doc("What it says.") List<String> found,
      @Doc("Whether that is right.") boolean ok,
      @Doc("Why the resolver had no answer; null when it had one.") @Nullable String failure) {}

  /** A domain and what its DNS says. */
  record Verified(
      @Doc("The domain.") String domain,
      @Doc("The same.") String previewDomain,
      @Doc("Whether every record is right.") boolean verified,
      @Doc("Since when links carry it; null when they do not.") @Nullable Instant verifiedAt,
      @Doc("What *.sandbox below the domain must be an alias of.") String cnameTarget,
      @Doc("Records that its DNS must have.") List<DnsRecord> records,
      @Doc("What was asked and found.") List<Check> checks) {}
}

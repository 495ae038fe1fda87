package com.atoll.platform;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * One installation on one machine, as the launcher wrote it to {@code installation.json} before it
 * started the processes. Every host object (nft table, interface, cgroup, netns, loop device)
 * carries {@link #id}.
 *
 * @param id four lowercase letters or digits
 * @param home everything that is kept ($ATOLL_HOME)
 * @param run sockets and process ids; gone after a reboot
 * @param dist the program as installed: jars below {@code lib/}, native binaries below {@code
 *     bin/}, templates below {@code templates/}
 * @param httpPort port of the gateway, HTTP
 * @param tlsPort port of the gateway, HTTPS
 * @param bind addresses the gateway listens on
 * @param domain base domain of the API, previews and deployments
 * @param linkScheme scheme of the links that the API hands out, {@code http} or {@code https}
 * @param serverUid user of atoll-server
 * @param edgeUid user of atoll-edge
 * @param postgresUid user of the embedded PostgreSQL
 * @param gid group that may open the sockets in {@link #run}
 * @param addressPool IPv4 network of the sandboxes, CIDR
 * @param gatewayAddress link-local IPv4 address, on the host's loopback interface, that sandboxes
 *     see as their gateway and resolver; one per installation
 * @param dnsPort port of the edge's resolver on {@link #gatewayAddress}
 * @param uidBase first host user id of the sandboxes
 * @param uidCount how many ids there are from it on; each sandbox takes 65,536
 * @param firewallMark packet mark and routing table number
 * @param databaseUrl JDBC URL of an external PostgreSQL, or null for the embedded one
 * @param warmPool slots kept warm per template that is built at the start
 * @param deniedRanges CIDR ranges that sandboxes never reach
 * @param allowedRanges CIDR ranges that they reach although a denied range covers them
 * @param diskImageMb largest size of the tree store when it lives in a sparse image
 * @param crashPoints whether {@code $RUN/crash/at} is honored; tests only
 * @param imageRegistries registries that templates may take images from: hosts, with a port where
 *     it is not the usual one
 * @param webhookHttp whether webhooks may be delivered without TLS; development and tests only
 * @param webhookRanges CIDR ranges that webhooks reach although they are not public
 * @param isolation what may stand between a sandbox and this machine's kernel; null in files from
 *     before there was a choice
 * @param spareShell whether the agent of a container keeps a shell started for the next command;
 *     null, in older files, is true
 * @param domainResolver resolver that is asked whose a domain is, {@code address:port}; null for
 *     the machine's own
 * @param snapshotArchive where snapshots go off this machine, a folder or {@code
 *     s3://bucket/prefix}; null for nowhere
 * @param domainProof whether a deployment's custom domain is routed only once its DNS has said
 *     whose it is; null, in older files, is true
 * @param warmPoolMost slots kept warm of a template that was asked for so often within a short
 *     time; null, in older files, is {@code warmPool}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Installation(
    String id,
    Path home,
    Path run,
    Path dist,
    @JsonProperty("http_port") int httpPort,
    @JsonProperty("tls_port") int tlsPort,
    List<String> bind,
    String domain,
    @JsonProperty("link_scheme") String linkScheme,
    @JsonProperty("server_uid") int serverUid,
    @JsonProperty("edge_uid") int edgeUid,
    @JsonProperty("postgres_uid") int postgresUid,
    int gid,
    @JsonProperty("address_pool") String addressPool,
    @JsonProperty("gateway_address") String gatewayAddress,
    @JsonProperty("dns_port") int dnsPort,
    @JsonProperty("uid_base") long uidBase,
    @JsonProperty("uid_count") long uidCount,
    @JsonProperty("firewall_mark") int firewallMark,
    @JsonProperty("database_url") @Nullable String databaseUrl,
    @JsonProperty("warm_pool") int warmPool,
    @JsonProperty("denied_ranges") List<String> deniedRanges,
    @JsonProperty("allowed_ranges") List<String> allowedRanges,
    @JsonProperty("disk_image_mb") long diskImageMb,
    @JsonProperty("crash_points") boolean crashPoints,
    @JsonProperty("image_registries") List<String> imageRegistries,
    @JsonProperty("webhook_http") boolean webhookHttp,
    @JsonProperty("webhook_ranges") List<String> webhookRanges,
    @Nullable IsolationPolicy isolation,
    @JsonProperty("spare_shell") @Nullable Boolean spareShell,
    @JsonProperty("domain_resolver") @Nullable String domainResolver,
    @JsonProperty("snapshot_archive") @Nullable String snapshotArchive,
    @JsonProperty("domain_proof") @Nullable Boolean domainProof,
    @JsonProperty("warm_pool_most") @Nullable Integer warmPoolMost) {
  /** The name of the one region that there is. */
  public static final String REGION = "local";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** An older launcher names neither registries nor ranges. */
  public Installation {
    imageRegistries = imageRegistries == null ? List.of() : List.copyOf(imageRegistries);
    webhookRanges = webhookRanges == null ? List.of() : List.copyOf(webhookRanges);
    domainResolver = domainResolver == null || domainResolver.isEmpty() ? null : domainResolver;
  }

  /**
   * An installation that takes images from no registry, whose webhooks only reach the public, with
   * containers only.
   */
  public Installation(
      String id,
      Path home,
      Path run,
      Path dist,
      int httpPort,
      int tlsPort,
      List<String> bind,
      String domain,
      String linkScheme,
      int serverUid,
      int edgeUid,
      int postgresUid,
      int gid,
      String addressPool,
      String gatewayAddress,
      int dnsPort,
      long uidBase,
      long uidCount,
      int firewallMark,
      @Nullable String databaseUrl,
      int warmPool,
      List<String> deniedRanges,
      List<String> allowedRanges,
      long diskImageMb,
      boolean crashPoints) {
    this(
        id,
        home,
        run,
        dist,
        httpPort,
        tlsPort,
        bind,
        domain,
        linkScheme,
        serverUid,
        edgeUid,
        postgresUid,
        gid,
        addressPool,
        gatewayAddress,
        dnsPort,
        uidBase,
        uidCount,
        firewallMark,
        databaseUrl,
        warmPool,
        deniedRanges,
        allowedRanges,
        diskImageMb,
        crashPoints,
        List.of(),
        false,
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** Reads {@code installation.json}. */
  public static Installation read(Path file) {
    return JSON.readValue(file.toFile(), Installation.class);
  }

  /** Whether the agent of a container keeps a shell started for the next command. */
  public boolean keepsSpareShell() {
    return spareShell == null || spareShell;
  }

  /** How many slots of a template are kept warm at most. */
  public int mostWarm() {
    return warmPoolMost == null ? warmPool : Math.max(warmPool, warmPoolMost);
  }

  /**
   * Whether a deployment's custom domain is routed only once its DNS has said whose it is. Where
   * nothing is said: unless the installation answers on its own machine only, where no DNS leads.
   */
  public boolean asksForDomainProof() {
    return domainProof == null
        ? !domain.equals("localhost") && !domain.endsWith(".localhost")
        : domainProof;
  }

  /** What may stand between a sandbox and the kernel. */
  public IsolationPolicy isolationPolicy() {
    return isolation == null ? IsolationPolicy.CONTAINERS : isolation;
  }

  /** The API and control plane, HTTP; the edge passes API hosts to it. */
  public Path serverSocket() {
    return run.resolve("server.sock");
  }

  /** Routes for the edge, {@code proto/feed.md}. */
  public Path feedSocket() {
    return run.resolve("feed.sock");
  }

  /** gRPC of the node, {@code proto/.../node.proto}. */
  public Path nodeSocket() {
    return run.resolve("node.sock");
  }

  /** Calls of the node with one reply, {@code proto/calls.md}. */
  public Path callsSocket() {
    return run.resolve("calls.sock");
  }

  /** Raw streams of the node, {@code proto/streams.md}. */
  public Path streamsSocket() {
    return run.resolve("streams.sock");
  }

  /** Port on {@link #gatewayAddress} where guarded sandboxes find what they meant for port 80. */
  public int egressHttpPort() {
    return dnsPort + 1;
  }

  /** Port on {@link #gatewayAddress} where guarded sandboxes find what they meant for port 443. */
  public int egressTlsPort() {
    return dnsPort + 2;
  }

  /** Port on {@link #gatewayAddress} where guarded sandboxes find their resolver. */
  public int egressDnsPort() {
    return dnsPort + 3;
  }

  /** Authorities of the owner's own, as PEM: the egress proxy trusts them beside the machine's. */
  public Path authorities() {
    return home.resolve("authorities.pem");
  }

  /** Names of the owner's own, as in {@code /etc/hosts}: sandboxes are told these first. */
  public Path hosts() {
    return home.resolve("hosts");
  }

  /** Static files of releases, readable by the edge: one folder per export id. */
  public Path exports() {
    return home.resolve("releases");
  }

  /**
   * The host and port that preview links carry: the port is named when it is not the scheme's own.
   */
  public String previewDomain() {
    int port = linkScheme.equals("https") ? tlsPort : httpPort;
    boolean usual = linkScheme.equals("https") ? port == 443 : port == 80;
    return usual ? domain : domain + ":" + port;
  }
}

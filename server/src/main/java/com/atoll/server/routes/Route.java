package com.atoll.server.routes;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry of the gateway's table, as {@code proto/feed.md} writes it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Route {
  /** Names the entry; a later route with the same key replaces this one. */
  @JsonProperty
  String key();

  /** Says which of the forms this is. */
  @JsonProperty
  String kind();

  /** A sandbox: the slug names its hosts, one per port. */
  record Sandbox(
      String key,
      String slug,
      @JsonProperty("sandbox_id") String sandboxId,
      String state,
      @Nullable String address,
      long incarnation,
      List<Integer> exposed,
      @JsonProperty("declared_only") boolean declaredOnly,
      boolean loopback,
      @JsonProperty("private") List<Integer> restricted,
      List<Closing> closed,
      @JsonProperty("created_unix_ms") long createdUnixMs,
      String org)
      implements Route {
    @Override
    public String kind() {
      return "sandbox";
    }
  }

  /** A port that answers nobody from a time on. */
  record Closing(int port, @JsonProperty("at_unix_ms") long atUnixMs, boolean expired) {}

  /** A deployment served from exported files. */
  record Static(
      String key,
      List<String> hosts,
      @JsonProperty("deployment_id") String deploymentId,
      @JsonProperty("export_id") String exportId,
      @Nullable String entrypoint,
      @JsonProperty("version_id") String versionId)
      implements Route {
    @Override
    public String kind() {
      return "static";
    }
  }

  /** A deployment served by running instances. */
  record Instances(
      String key,
      List<String> hosts,
      @JsonProperty("deployment_id") String deploymentId,
      @JsonProperty("version_id") String versionId,
      List<Instance> instances)
      implements Route {
    @Override
    public String kind() {
      return "instances";
    }
  }

  /** One process that answers for a deployment. */
  record Instance(
      String id,
      String address,
      int port,
      long incarnation,
      @JsonProperty("loopback_only") boolean loopbackOnly) {}

  /** What the egress proxy decides by for one sandbox; without one it has no policy. */
  record Egress(
      String key,
      @JsonProperty("sandbox_id") String sandboxId,
      String address,
      long incarnation,
      @JsonProperty("policy_id") @Nullable String policyId,
      boolean enforce,
      @JsonProperty("default_allow") boolean defaultAllow,
      List<EgressRule> rules,
      List<EgressSecret> secrets)
      implements Route {
    @Override
    public String kind() {
      return "egress";
    }
  }

  /** One rule; the first that fits a call decides. */
  record EgressRule(
      String id,
      boolean allow,
      String host,
      List<String> methods,
      @Nullable String path,
      List<Integer> ports) {}

  /** A secret that belongs into requests for these hosts; its value is asked for when needed. */
  record EgressSecret(String id, long version, List<String> hosts) {}

  /**
   * A domain of an organization's own, below whose {@code sandbox} label its sandboxes have names.
   */
  record Domain(String key, String org, String domain) implements Route {
    @Override
    public String kind() {
      return "domain";
    }
  }

  /** A deployment that its owner stopped. */
  record Stopped(String key, List<String> hosts, @JsonProperty("deployment_id") String deploymentId)
      implements Route {
    @Override
    public String kind() {
      return "stopped";
    }
  }
}

package com.atoll.edge.routes;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One entry of the route table, as {@code proto/feed.md} describes it. */
public sealed interface Route {
  /** What the feed calls this entry. */
  String key();

  /** Everybody that connections of this route may lead to. */
  default Set<Owner> owners() {
    return Set.of();
  }

  /** Whether a request that has begun may finish after the route changed. */
  default boolean drains() {
    return true;
  }

  /** A route that is found by whole host names. */
  sealed interface Site extends Route permits StaticSite, Instances, Stopped {
    /** Normalized host names. */
    List<String> hosts();

    /** The deployment that is served. */
    String deploymentId();
  }

  /** Where a sandbox stands. */
  enum State {
    RUNNING,
    PAUSED,
    DESTROYED
  }

  /**
   * A sandbox and its ports.
   *
   * @param key feed key
   * @param slug name in hosts
   * @param sandboxId id
   * @param state whether it has to be woken first
   * @param address where it answers while it runs
   * @param incarnation counts its starts
   * @param exposed ports that answer even when they listen on 127.0.0.1 only
   * @param declaredOnly whether only {@code exposed} ports answer
   * @param loopback whether every port answers even when it listens on 127.0.0.1 only
   * @param privatePorts ports that need a token
   * @param closing ports that answer nobody from a time on
   * @param createdUnixMs when it was created
   * @param org organization that it belongs to; empty when the server did not say
   */
  record Sandbox(
      String key,
      String slug,
      String sandboxId,
      State state,
      String address,
      long incarnation,
      Set<Integer> exposed,
      boolean declaredOnly,
      boolean loopback,
      Set<Integer> privatePorts,
      Map<Integer, Closing> closing,
      long createdUnixMs,
      String org)
      implements Route {

    /** The owner of this sandbox's connections. */
    public Owner owner() {
      return new Owner(sandboxId, incarnation, address);
    }

    /** Why this port answers nobody now; null when it may answer. */
    public @Nullable Closing closed(int port) {
      Closing end = closing.get(port);
      return end != null && end.atUnixMs() <= System.currentTimeMillis() ? end : null;
    }

    @Override
    public Set<Owner> owners() {
      return state == State.DESTROYED || address.isEmpty() ? Set.of() : Set.of(owner());
    }

    @Override
    public boolean drains() {
      return false;
    }

    Sandbox woken(String newAddress, long newIncarnation) {
      return new Sandbox(
          key,
          slug,
          sandboxId,
          State.RUNNING,
          newAddress,
          newIncarnation,
          exposed,
          declaredOnly,
          loopback,
          privatePorts,
          closing,
          createdUnixMs,
          org);
    }
  }

  /**
   * The end of a port's last preview.
   *
   * @param atUnixMs when it is or was
   * @param expired whether it came by itself
   */
  record Closing(long atUnixMs, boolean expired) {}

  /**
   * A release made of files.
   *
   * @param key feed key
   * @param hosts host names
   * @param deploymentId deployment
   * @param exportId folder below the exports
   * @param entrypoint file for {@code /} and for the pages of a single-page application
   * @param versionId version that is served
   */
  record StaticSite(
      String key,
      List<String> hosts,
      String deploymentId,
      String exportId,
      String entrypoint,
      String versionId)
      implements Site {
    @Override
    public Set<Owner> owners() {
      return Set.of(new Owner(exportId, 0, "export"));
    }
  }

  /**
   * A release made of running instances.
   *
   * @param key feed key
   * @param hosts host names
   * @param deploymentId deployment
   * @param versionId version that is served
   * @param instances those that are healthy
   */
  record Instances(
      String key,
      List<String> hosts,
      String deploymentId,
      String versionId,
      List<Instance> instances)
      implements Site {
    @Override
    public Set<Owner> owners() {
      return Set.copyOf(instances.stream().map(Instance::owner).toList());
    }
  }

  /**
   * One running instance of a release.
   *
   * @param id instance id
   * @param address where it answers
   * @param port TCP port
   * @param incarnation counts its starts
   * @param loopbackOnly whether it has to be reached through the node
   */
  record Instance(String id, String address, int port, long incarnation, boolean loopbackOnly) {
    /** The owner of this instance's connections. */
    public Owner owner() {
      return new Owner(id, incarnation, address);
    }
  }

  /**
   * What the egress proxy decides by for one sandbox.
   *
   * @param key feed key
   * @param sandboxId sandbox
   * @param address where its calls come from
   * @param incarnation counts its starts
   * @param policyId policy in force; empty when only rules are
   * @param enforce whether calls are refused; otherwise they are only written down
   * @param defaultAllow what becomes of a call that no rule fits
   * @param rules the first that fits decides
   * @param secrets those that belong into requests
   */
  record Egress(
      String key,
      String sandboxId,
      String address,
      long incarnation,
      String policyId,
      boolean enforce,
      boolean defaultAllow,
      List<EgressRule> rules,
      List<EgressSecret> secrets)
      implements Route {}

  /**
   * A secret that belongs into requests for some hosts.
   *
   * @param id secret
   * @param version rises with its value
   * @param hosts as in rules; with {@code http://} before it where it travels without TLS
   */
  record EgressSecret(String id, long version, List<String> hosts) {}

  /**
   * One rule for calls.
   *
   * @param id rule
   * @param allow or deny
   * @param host a name, {@code *.} and a name, or {@code *}
   * @param methods the only ones it speaks of; empty for all
   * @param path pattern of the only paths that it speaks of; empty for all
   * @param ports the only ones it speaks of; empty for all
   */
  record EgressRule(
      String id,
      boolean allow,
      String host,
      Set<String> methods,
      String path,
      Set<Integer> ports) {}

  /**
   * A domain of an organization's own: the hosts below its {@code sandbox} label name the ports of
   * that organization's sandboxes.
   *
   * @param key feed key
   * @param org organization
   * @param domain normalized name
   */
  record Domain(String key, String org, String domain) implements Route {}

  /**
   * A deployment that was stopped.
   *
   * @param key feed key
   * @param hosts host names
   * @param deploymentId deployment
   */
  record Stopped(String key, List<String> hosts, String deploymentId) implements Site {}
}

package com.atoll.server.routes;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a gateway asks for; the capabilities that own sandboxes and previews answer. */
public interface RouteRequests {
  /** Brings a paused sandbox back and says where it answers. Blocks until it does. */
  Woken wake(String sandboxId);

  /** Says whether a token opens a port. */
  Granted grant(String sandboxId, int port, String token);

  /**
   * The path of the socket of the browser whose DevTools listen inside a sandbox; empty when none
   * does. Blocks for seconds.
   */
  String browser(String sandboxId);

  /**
   * Whether the service that has this port listens there. One that was just started is waited for;
   * a port that no service has is not. Blocks for up to 10 s.
   */
  boolean listens(String sandboxId, int port);

  /** Traffic reached these sandboxes. */
  void activity(List<String> sandboxIds);

  /** The header that a secret is in a sandbox's requests, while it is bound and not over. */
  Injected secret(String secretId, String sandboxId);

  /** The certificate, as PEM, of the authority that an egress proxy opens TLS with. */
  void authority(String pem);

  /** Answer to {@link #secret}. */
  record Injected(boolean ok, @Nullable String header, @Nullable String value, long expiresUnixMs) {
    /** The sandbox has no such secret. */
    public static final Injected REFUSED = new Injected(false, null, null, 0);
  }

  /** What a gateway served; an answer without an error is told to it. */
  void traffic(TrafficReport report);

  /** What an egress proxy decided. */
  void egress(List<EgressCall> calls);

  /**
   * A call of a sandbox to the internet; texts are empty where there is nothing to say.
   *
   * @param action what was done: allow, deny, would_deny or fail
   * @param effect what the policy says: allow or deny
   * @param protocol http, https, tls, dns, tcp or udp
   * @param status HTTP status of the answer, 0 where none was seen
   * @param unlogged how many more with the same action there were that are not told one by one
   * @param port that was called; 0 where the protocol says it, or nobody knows
   */
  record EgressCall(
      String sandboxId,
      long atUnixMs,
      String action,
      String effect,
      String protocol,
      String host,
      String method,
      String path,
      int status,
      String reason,
      String policyId,
      String ruleId,
      long unlogged,
      int port) {}

  /** Answer to {@link #wake}: the address, or why there is none. */
  record Woken(
      boolean ok,
      @Nullable String address,
      long incarnation,
      @Nullable String code,
      @Nullable String message) {
    /** It runs at this address. */
    public static Woken at(String address, long incarnation) {
      return new Woken(true, address, incarnation, null, null);
    }

    /** It does not run, for this reason. */
    public static Woken refused(String code, String message) {
      return new Woken(false, null, 0, code, message);
    }
  }

  /**
   * Answer to {@link #grant}.
   *
   * @param expiresUnixMs when the gateway has to ask again
   * @param untilUnixMs when the token itself ends; 0 when it does not end by itself
   */
  record Granted(
      boolean ok, long expiresUnixMs, long untilUnixMs, @Nullable String cookie, boolean readOnly) {
    /** The token opens nothing here. */
    public static final Granted REFUSED = new Granted(false, 0, 0, null, false);
  }
}

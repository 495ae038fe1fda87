package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** Decides each request of one connection by itself, and gives it the secret that belongs to it. */
final class Admission {
  private final Door door;
  private final String address;

  /** The name of the TLS handshake; empty on a connection without TLS. */
  private final String secureName;

  /** What becomes of a request; one of both is called, on the loop. */
  interface Outcome {
    void pass(HttpCall call, Route.Egress policy);

    void refuse(HttpCall call, Route.@Nullable Egress policy, Refusal refusal);

    /** The address that the caller dialed; empty when it is not known. */
    String dialed();
  }

  Admission(Door door, String address, String secureName) {
    this.door = door;
    this.address = address;
    this.secureName = secureName;
  }

  boolean isSecure() {
    return !secureName.isEmpty();
  }

  int port() {
    return isSecure() ? 443 : 80;
  }

  /** The policy that holds now; null when none is known. */
  Route.@Nullable Egress policy() {
    return door.callers().policy(address);
  }

  /** Reads what a request wants; a host that makes no sense is an empty one. */
  HttpCall call(HttpRequest request) {
    String host = Requests.host(request, port());
    String path = Requests.path(request);
    String protocol = isSecure() ? "https" : "http";
    return new HttpCall(
        request,
        new Audit.Call(
            protocol, host == null ? "" : host, request.method().name(), path == null ? "" : path));
  }

  /** Decides, once the policy is known. */
  void decide(HttpCall call, EventLoop loop, Outcome outcome) {
    door.callers()
        .whenKnown(
            loop,
            address,
            policy -> {
              if (policy == null) {
                outcome.refuse(call, null, Refusal.NO_POLICY);
              } else if (call.host().isEmpty()) {
                odd(call, policy, Refusal.MALFORMED, outcome);
              } else if (isSecure() && !secureName.equals(call.host())) {
                odd(call, policy, Refusal.MISMATCH, outcome);
              } else {
                decide(call, policy, loop, outcome);
              }
            });
  }

  /** Refuses a request for which there is no room. */
  void turnAway(HttpCall call, EventLoop loop, Outcome outcome) {
    door.callers()
        .whenKnown(
            loop,
            address,
            policy -> {
              if (policy != null && !call.host().isEmpty()) {
                call.decided(verdict(call, policy));
              }
              outcome.refuse(call, policy, Refusal.BUSY);
            });
  }

  /** Where the policy only watches, what can be passed on at all goes to where it was sent. */
  private void odd(HttpCall call, Route.Egress policy, Refusal refusal, Outcome outcome) {
    String there = isSecure() ? secureName : outcome.dialed();
    if (policy.enforce() || there.isEmpty() || !Requests.canBePassedOn(call.request())) {
      outcome.refuse(call, policy, refusal);
    } else {
      call.excused(there, refusal);
      outcome.pass(call, policy);
    }
  }

  private void decide(HttpCall call, Route.Egress policy, EventLoop loop, Outcome outcome) {
    Verdict verdict = verdict(call, policy);
    call.decided(verdict);
    if (verdict.denies() && policy.enforce()) {
      outcome.refuse(call, policy, verdict.refusal());
      return;
    }
    if (policy.enforce()) {
      Upgrades.onlyWebSocket(call.request());
    }
    Route.EgressSecret secret =
        verdict.denies() ? null : Injections.secret(policy, call.host(), isSecure());
    if (secret == null) {
      outcome.pass(call, policy);
      return;
    }
    if (Requests.asksForItself(call.request().method())) {
      outcome.refuse(call, policy, Refusal.WOULD_SHOW_SECRET);
      return;
    }
    call.carries(secret.id());
    door.injections()
        .header(policy, secret)
        .whenCompleteAsync(
            (header, failure) -> {
              if (header == null || !header.into(call.request().headers())) {
                outcome.refuse(call, policy, Refusal.NO_SECRET);
              } else {
                outcome.pass(call, policy);
              }
            },
            loop);
  }

  /** Whether a policy that has changed still lets a request through, with the secret it has. */
  boolean stillAllows(HttpCall call, Route.Egress policy, Verdict verdict) {
    if (call.host().isEmpty()) {
      return true;
    }
    if (call.excuse() != null) {
      return !policy.enforce();
    }
    if (verdict.denies() && policy.enforce()) {
      return false;
    }
    Route.EgressSecret secret = Injections.secret(policy, call.host(), isSecure());
    return call.secretId().isEmpty() || (secret != null && secret.id().equals(call.secretId()));
  }

  /** What a policy says of a request. */
  Verdict verdict(HttpCall call, Route.Egress policy) {
    return Decider.request(policy, call.host(), port(), call.told().method(), call.told().path());
  }
}

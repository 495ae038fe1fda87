package com.atoll.server.http;

import org.eclipse.jetty.http.HttpFields;

/** Lets browsers call the API; no cookie is ever part of it. */
final class Cors {
  private Cors() {}

  static void apply(HttpFields.Mutable headers) {
    headers.put("Access-Control-Allow-Origin", "*");
    headers.put(
        "Access-Control-Expose-Headers",
        "X-Request-ID, Retry-After, Idempotency-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining,"
            + " X-RateLimit-Reset, RateLimit, RateLimit-Policy, X-Atoll-Mode, X-Next-Token");
  }

  static void preflight(Exchange exchange) {
    exchange.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    // SDKs add headers that describe them, and metadata of files come in headers of any name. Of
    // those that say who asks, a star leaves Authorization out.
    exchange.setHeader(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, X-MIOSA-Tenant, X-MIOSA-Workspace,"
            + " X-MIOSA-Bill-To, Last-Event-ID, X-Remote-Path, X-API-Key, X-Access-Token,"
            + " E2b-Sandbox-Id, E2B-Traffic-Access-Token, E2b-Sandbox-Port, Keepalive-Ping-Interval, Connect-Protocol-Version,"
            + " Connect-Timeout-Ms, *");
    exchange.setHeader("Access-Control-Max-Age", "86400");
    exchange.empty(204);
  }
}

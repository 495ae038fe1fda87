package com.atoll.server.http;

/**
 * What became of a request at the limits, and what its client is told.
 *
 * @param admitted whether it may go on
 * @param name the budget that is the tightest, or that refused
 * @param limit requests of a whole minute in that budget
 * @param remaining requests that are left in it
 * @param resetSeconds seconds until it begins anew
 * @param resetEpochSeconds when it begins anew
 * @param policies all budgets of the request, as {@code RateLimit-Policy} says them
 */
public record RateVerdict(
    boolean admitted,
    String name,
    int limit,
    int remaining,
    int resetSeconds,
    long resetEpochSeconds,
    String policies) {

  void tell(Exchange exchange) {
    exchange.setHeader("X-RateLimit-Limit", Integer.toString(limit));
    exchange.setHeader("X-RateLimit-Remaining", Integer.toString(remaining));
    exchange.setHeader("X-RateLimit-Reset", Long.toString(resetEpochSeconds));
    exchange.setHeader("RateLimit-Policy", policies);
    exchange.setHeader("RateLimit", '"' + name + "\";r=" + remaining + ";t=" + resetSeconds);
  }
}

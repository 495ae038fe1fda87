package com.atoll.edge.routes;

/**
 * Who stands behind an upstream connection. A connection never outlives its owner's incarnation, so
 * that an address can be given to somebody else.
 *
 * @param id sandbox or instance id
 * @param incarnation counts the starts of that id
 * @param address where it lives
 */
public record Owner(String id, long incarnation, String address) {
  /** The platform's own API; always there. */
  public static final Owner API = new Owner("api", 0, "");
}

package com.atoll.edge.traffic;

/**
 * Whom a request is for.
 *
 * @param id deployment or sandbox
 * @param version version of the deployment; empty for a sandbox
 */
public record Account(String id, String version) {
  /** A deployment, whose requests are written down one by one. */
  public static Account deployment(String id, String version) {
    return new Account(id, version);
  }

  /** A preview of a sandbox, of which bytes are counted only. */
  public static Account sandbox(String id) {
    return new Account(id, "");
  }

  boolean isDeployment() {
    return !version.isEmpty();
  }
}

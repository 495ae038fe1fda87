package com.atoll.edge.routes;

/** How asking for a sandbox, or for leave to see a private port, ended. */
public sealed interface Woken {
  /** It runs. */
  record Running() implements Woken {}

  /**
   * The server refused.
   *
   * @param code error code
   * @param message for people
   */
  record Refused(String code, String message) implements Woken {}

  /** The server cannot be asked now. */
  record Away() implements Woken {}
}

package com.atoll.edge.routes;

/** What the server said of a token for a private port. */
public sealed interface Grant {
  /**
   * The bearer may see the port.
   *
   * @param expiresUnixMs until then
   * @param cookie value that stands for the token in the browser
   * @param readOnly whether it opens GET, HEAD and OPTIONS only
   */
  record Allowed(long expiresUnixMs, String cookie, boolean readOnly) implements Grant {}

  /** It may not. */
  record Denied() implements Grant {}

  /** The server cannot be asked now. */
  record Away() implements Grant {}
}

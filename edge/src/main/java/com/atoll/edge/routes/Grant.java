package com.atoll.edge.routes;

/** What the server said of a token for a private port. */
public sealed interface Grant {
  /**
   * The bearer may see the port.
   *
   * @param expiresUnixMs until then this may be believed
   * @param untilUnixMs when the token itself ends; 0 when it does not end by itself
   * @param cookie value that stands for the token in the browser
   * @param readOnly whether it opens GET, HEAD and OPTIONS only
   */
  record Allowed(long expiresUnixMs, long untilUnixMs, String cookie, boolean readOnly)
      implements Grant {}

  /** It may not. */
  record Denied() implements Grant {}

  /** The server cannot be asked now. */
  record Away() implements Grant {}
}

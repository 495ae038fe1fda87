package com.atoll.edge.gateway;

/** Why an upstream did not answer. */
enum UpstreamFailure {
  /** Nothing listens there. */
  REFUSED,
  /** No answer at all from that address. */
  UNREACHABLE,
  /** The owner's incarnation has ended. */
  GONE,
  /** The process on the way (server or node) does not take connections. */
  AWAY,
  /** The connection ended before the first byte of the answer. */
  RESET,
  /** What came back was not HTTP. */
  GARBLED
}

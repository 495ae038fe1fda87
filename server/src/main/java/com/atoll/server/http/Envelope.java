package com.atoll.server.http;

/** How an answer is wrapped. */
public enum Envelope {
  /** Every field at the top, and the same object again under {@code data}. */
  FLAT_MIRROR,
  /** Only {@code data}. */
  DATA,
  /** Only the fields, no {@code data}. */
  FLAT,
  /** Exactly {@code data} and {@code meta}. */
  LIST,
  /** No body. */
  NO_CONTENT,
  /** Server-sent events; before the first one an error is ordinary JSON. */
  EVENTS,
  /** Bytes. */
  RAW,
  /** WebSocket. */
  WEB_SOCKET
}

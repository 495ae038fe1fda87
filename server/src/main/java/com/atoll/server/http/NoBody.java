package com.atoll.server.http;

/** The request or the answer of an operation that has none. */
public record NoBody() {
  static final NoBody NONE = new NoBody();
}

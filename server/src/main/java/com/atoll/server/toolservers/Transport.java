package com.atoll.server.toolservers;

import com.atoll.model.AtollException;
import java.util.Locale;

/** How a tool server is spoken to. */
enum Transport {
  /** Requests over HTTP, the present form. */
  STREAMABLE_HTTP,
  /** The older form over HTTP, with a stream that stays open. */
  SSE,
  /** A program, over its standard input and output. */
  STDIO;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isRemote() {
    return this != STDIO;
  }

  static Transport of(String wire) {
    return switch (wire.toLowerCase(Locale.ROOT).replace('-', '_')) {
      case "streamable_http", "http" -> STREAMABLE_HTTP;
      case "sse" -> SSE;
      case "stdio" -> STDIO;
      default -> throw AtollException.invalid("transport", "must be streamable_http, sse or stdio");
    };
  }
}

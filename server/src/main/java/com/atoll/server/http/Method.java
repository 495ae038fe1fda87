package com.atoll.server.http;

import org.jspecify.annotations.Nullable;

/** The methods that operations have. */
public enum Method {
  /** Reads. */
  GET,
  /** Creates or acts. */
  POST,
  /** Replaces. */
  PUT,
  /** Changes; PUT is accepted where only this is declared, and the other way round. */
  PATCH,
  /** Removes. */
  DELETE;

  static @Nullable Method of(String name) {
    return switch (name) {
      case "GET", "HEAD" -> GET;
      case "POST" -> POST;
      case "PUT" -> PUT;
      case "PATCH" -> PATCH;
      case "DELETE" -> DELETE;
      default -> null;
    };
  }

  /** Whether it changes something. */
  public boolean writes() {
    return this != GET;
  }
}

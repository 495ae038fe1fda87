package com.atoll.server.http;

import java.util.List;

/** Operations are declared against the rules; the server does not start. */
public final class BrokenDeclarationsException extends RuntimeException {
  private final List<String> breaches;

  BrokenDeclarationsException(List<String> breaches) {
    super("broken declarations:\n  " + String.join("\n  ", breaches));
    this.breaches = List.copyOf(breaches);
  }

  /** Every breach. */
  public List<String> breaches() {
    return breaches;
  }
}

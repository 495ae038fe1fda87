package com.atoll.node.registries;

/** An image that cannot be had from its registry; the message is for its user. */
public final class RegistryException extends Exception {
  private static final long serialVersionUID = 1L;

  RegistryException(String message) {
    super(message);
  }
}

package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.util.Locale;

/** The codes of errors of the Connect protocol that are answered here, with their HTTP status. */
enum Code {
  INVALID_ARGUMENT(400),
  DEADLINE_EXCEEDED(504),
  NOT_FOUND(404),
  ALREADY_EXISTS(409),
  PERMISSION_DENIED(403),
  RESOURCE_EXHAUSTED(429),
  FAILED_PRECONDITION(400),
  UNIMPLEMENTED(501),
  INTERNAL(500),
  UNAVAILABLE(503),
  DATA_LOSS(500),
  UNAUTHENTICATED(401);

  private final int status;

  Code(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Code of(AtollException e) {
    return switch (e.code()) {
      case SANDBOX_NOT_RUNNING, SANDBOX_NOT_FOUND, SANDBOX_DESTROYED -> UNAVAILABLE;
      case FILE_EXISTS -> ALREADY_EXISTS;
      case DISK_FULL -> RESOURCE_EXHAUSTED;
      default -> ofStatus(e.code());
    };
  }

  private static Code ofStatus(ErrorCode code) {
    return switch (code.status()) {
      case 401 -> UNAUTHENTICATED;
      case 402, 403 -> PERMISSION_DENIED;
      case 404 -> NOT_FOUND;
      case 409 -> FAILED_PRECONDITION;
      case 429 -> RESOURCE_EXHAUSTED;
      case 501 -> UNIMPLEMENTED;
      case 503 -> UNAVAILABLE;
      case 500 -> INTERNAL;
      default -> INVALID_ARGUMENT;
    };
  }
}

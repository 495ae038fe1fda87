package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What the refusals of a node mean for the caller of the API. */
final class NodeErrors {
  static final Metadata.Key<String> CODE =
      Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER);

  private static final int SOON = 1;
  private static final int AFTER_BUILD = 10;

  private NodeErrors() {}

  static AtollException translate(StatusRuntimeException refused) {
    Status status = refused.getStatus();
    Metadata trailers = refused.getTrailers();
    String code = trailers == null ? null : trailers.get(CODE);
    String sentence = status.getDescription();
    String message = sentence == null ? "The machine refused the call." : sentence;
    if (code != null) {
      return named(code, message);
    }
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE ->
          AtollException.withMessage(ErrorCode.VALIDATION_FAILED, message);
      case FAILED_PRECONDITION ->
          AtollException.withMessage(ErrorCode.SANDBOX_NOT_RUNNING, message);
      case NOT_FOUND -> AtollException.withMessage(ErrorCode.NOT_FOUND, message);
      case ALREADY_EXISTS -> AtollException.withMessage(ErrorCode.FILE_EXISTS, message);
      case RESOURCE_EXHAUSTED ->
          AtollException.withMessage(ErrorCode.NO_CAPACITY, message).retryAfter(AFTER_BUILD);
      case UNAVAILABLE -> unavailable(status, message);
      case CANCELLED, ABORTED ->
          later(ErrorCode.NODE_UNAVAILABLE, "The machine broke the call off.", SOON);
      case DEADLINE_EXCEEDED ->
          later(ErrorCode.NODE_UNAVAILABLE, "The machine did not answer in time.", SOON);
      case UNIMPLEMENTED -> AtollException.of(ErrorCode.NOT_IMPLEMENTED, "this on its machines");
      case OK, UNKNOWN, INTERNAL, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED ->
          AtollException.causedBy(refused, ErrorCode.INTERNAL_ERROR);
    };
  }

  /** The meaning of a code that the node named itself. */
  static AtollException named(String code, String message) {
    return switch (code) {
      case "TEMPLATE_NOT_FOUND" ->
          AtollException.withMessage(ErrorCode.TEMPLATE_NOT_FOUND, message);
      case "TEMPLATE_BUILDING" -> later(ErrorCode.NODE_UNAVAILABLE, message, AFTER_BUILD);
      case "NO_READY_MACHINE" -> later(ErrorCode.NO_READY_MACHINE, message, AFTER_BUILD);
      case "PATH_NOT_FOUND" -> AtollException.withMessage(ErrorCode.FILE_NOT_FOUND, message);
      case "PROCESS_NOT_FOUND" -> AtollException.withMessage(ErrorCode.PROCESS_NOT_FOUND, message);
      case "NOT_A_FILE", "NOT_A_DIRECTORY", "SPECIAL_FILE" ->
          AtollException.withMessage(ErrorCode.NOT_A_FILE, message);
      case "NOT_EMPTY" -> AtollException.withMessage(ErrorCode.DIRECTORY_NOT_EMPTY, message);
      case "DISK_FULL" -> AtollException.withMessage(ErrorCode.DISK_FULL, message);
      case "INVALID_PATH" -> AtollException.withMessage(ErrorCode.INVALID_PATH, message);
      case "TOO_LARGE" -> AtollException.withMessage(ErrorCode.TOO_LARGE, message);
      case "ALREADY_EXISTS" -> AtollException.withMessage(ErrorCode.FILE_EXISTS, message);
      case "INVALID_REQUEST", "COMMAND_NOT_FOUND", "USER_NOT_FOUND" ->
          AtollException.withMessage(ErrorCode.VALIDATION_FAILED, message);
      case "PERMISSION_DENIED" -> AtollException.withMessage(ErrorCode.FORBIDDEN, message);
      case "GONE",
          "REFUSED",
          "PROCESS_EXITED",
          "PROCESS_LIMIT",
          "INPUT_CLOSED",
          "INPUT_BLOCKED",
          "NO_TERMINAL",
          "WATCH_LIMIT",
          "BUSY",
          "IO_ERROR" ->
          AtollException.withMessage(ErrorCode.RESOURCE_STATE, message);
      default -> later(ErrorCode.NODE_UNAVAILABLE, message, SOON);
    };
  }

  private static AtollException unavailable(Status status, String message) {
    if (status.getCause() != null) {
      // The connection broke: what gRPC says about it helps nobody outside.
      return later(ErrorCode.NODE_UNAVAILABLE, "The machine is restarting; try again.", SOON);
    }
    // The node's own sentence says what is waited for, such as a template that is being built.
    return later(ErrorCode.NODE_UNAVAILABLE, message, AFTER_BUILD);
  }

  private static AtollException later(ErrorCode code, String message, int seconds) {
    return AtollException.withMessage(code, message).retryAfter(seconds);
  }
}

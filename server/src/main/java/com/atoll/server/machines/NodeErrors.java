package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the refusals of a node mean for the caller of the API. */
final class NodeErrors {
  static final Metadata.Key<String> CODE =
      Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER);

  private static final String REASON = "reason";
  private static final String EXITED = "process_exited";
  private static final String CLOSED = "input_closed";
  private static final String BLOCKED = "input_blocked";
  private static final int SOON = 1;
  private static final int AFTER_BUILD = 10;

  private NodeErrors() {}

  static AtollException translate(StatusRuntimeException refused) {
    Status status = refused.getStatus();
    Metadata trailers = refused.getTrailers();
    String code = trailers == null ? null : trailers.get(CODE);
    String sentence = status.getDescription();
    String message = sentence == null ? "The machine refused the call." : sentence;
    AtollException named = code == null ? null : byCode(code, message);
    if (named != null) {
      return named;
    }
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE ->
          AtollException.withMessage(ErrorCode.VALIDATION_FAILED, message);
      case FAILED_PRECONDITION -> AtollException.withMessage(ErrorCode.RESOURCE_STATE, message);
      case NOT_FOUND -> AtollException.withMessage(ErrorCode.NOT_FOUND, message);
      case ALREADY_EXISTS -> AtollException.withMessage(ErrorCode.CONFLICT, message);
      case RESOURCE_EXHAUSTED -> later(ErrorCode.NO_CAPACITY, message, AFTER_BUILD);
      // The node's own sentence says what is waited for, such as a template that is being built.
      case UNAVAILABLE -> later(ErrorCode.NODE_UNAVAILABLE, message, AFTER_BUILD);
      case CANCELLED, ABORTED ->
          later(ErrorCode.NODE_UNAVAILABLE, "The machine broke the call off.", SOON);
      case DEADLINE_EXCEEDED ->
          later(ErrorCode.NODE_UNAVAILABLE, "The machine did not answer in time.", SOON);
      case UNIMPLEMENTED -> AtollException.of(ErrorCode.NOT_IMPLEMENTED, "this on its machines");
      case OK, UNKNOWN, INTERNAL, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED ->
          AtollException.causedBy(refused, ErrorCode.INTERNAL_ERROR);
    };
  }

  /** The node is away for longer than a restart takes, or went away with the call. */
  static AtollException restarting() {
    return later(ErrorCode.NODE_UNAVAILABLE, "The machine is restarting; try again.", SOON);
  }

  /** Whether a call was refused because its process has ended. */
  static boolean isEnded(AtollException refused) {
    return EXITED.equals(refused.details().get(REASON));
  }

  /** Whether input was refused because the process has not read what came before. */
  static boolean isBlocked(AtollException refused) {
    return BLOCKED.equals(refused.details().get(REASON));
  }

  /** Whether a call was refused because its process reads no more. */
  static boolean isDeaf(AtollException refused) {
    return isEnded(refused) || CLOSED.equals(refused.details().get(REASON));
  }

  /** The meaning of a code on the stream socket, where no status goes with it. */
  static AtollException named(String code, String message) {
    AtollException known = byCode(code, message);
    return known == null ? later(ErrorCode.NODE_UNAVAILABLE, message, SOON) : known;
  }

  private static @Nullable AtollException byCode(String code, String message) {
    ErrorCode meaning =
        switch (code) {
          case "TEMPLATE_NOT_FOUND" -> ErrorCode.TEMPLATE_NOT_FOUND;
          case "WORKLOAD_FAILED", "WORKLOAD_NOT_RUNNING", "CLAIM_EXPIRED" ->
              ErrorCode.SANDBOX_NOT_RUNNING;
          case "PATH_NOT_FOUND" -> ErrorCode.FILE_NOT_FOUND;
          case "PROCESS_NOT_FOUND" -> ErrorCode.PROCESS_NOT_FOUND;
          case "NOT_A_FILE", "NOT_A_DIRECTORY", "SPECIAL_FILE" -> ErrorCode.NOT_A_FILE;
          case "NOT_EMPTY" -> ErrorCode.DIRECTORY_NOT_EMPTY;
          case "ALREADY_EXISTS" -> ErrorCode.FILE_EXISTS;
          case "DISK_FULL" -> ErrorCode.DISK_FULL;
          case "INVALID_PATH" -> ErrorCode.INVALID_PATH;
          case "TOO_LARGE" -> ErrorCode.TOO_LARGE;
          case "LIMIT_BELOW_USE" -> ErrorCode.RESIZE_UNSUPPORTED;
          case "ISOLATION_UNAVAILABLE" -> ErrorCode.ISOLATION_UNAVAILABLE;
          case "ARCHIVE_OFF" -> ErrorCode.ARCHIVE_NOT_CONFIGURED;
          case "ARCHIVE_DAMAGED", "ARCHIVE_MISSING" -> ErrorCode.ARCHIVE_DAMAGED;
          case "IMAGE_MISSING" -> ErrorCode.SNAPSHOT_IMAGE_MISSING;
          case "UNKNOWN_CALL" -> ErrorCode.NOT_IMPLEMENTED;
          case "PERMISSION_DENIED" -> ErrorCode.FORBIDDEN;
          case "INVALID_REQUEST", "COMMAND_NOT_FOUND", "USER_NOT_FOUND" ->
              ErrorCode.VALIDATION_FAILED;
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
              ErrorCode.RESOURCE_STATE;
          default -> null;
        };
    if (meaning != null) {
      AtollException named = AtollException.withMessage(meaning, message);
      return switch (code) {
        // What callers have to tell apart, and cannot by the code of the answer.
        case "PROCESS_EXITED", "INPUT_CLOSED", "INPUT_BLOCKED" ->
            named.detail(REASON, code.toLowerCase(Locale.ROOT));
        case "USER_NOT_FOUND" -> named.field("user", message);
        case "COMMAND_NOT_FOUND" -> named.field("command", message);
        default -> named;
      };
    }
    return switch (code) {
      case "TEMPLATE_BUILDING" -> later(ErrorCode.TEMPLATE_BUILDING, message, AFTER_BUILD);
      case "ARCHIVE_UNAVAILABLE" -> later(ErrorCode.ARCHIVE_UNAVAILABLE, message, AFTER_BUILD);
      case "BUILD_FILES_FULL" -> later(ErrorCode.NO_CAPACITY, message, AFTER_BUILD);
      case "READERS_BUSY" -> later(ErrorCode.NODE_UNAVAILABLE, message, SOON);
      case "NO_READY_MACHINE" -> later(ErrorCode.NO_READY_MACHINE, message, AFTER_BUILD);
      default -> null;
    };
  }

  private static AtollException later(ErrorCode code, String message, int seconds) {
    return AtollException.withMessage(code, message).retryAfter(seconds);
  }
}

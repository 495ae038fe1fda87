package com.atoll.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The one exception that a caller of the API is meant to see: a code, a message, what helps. */
public final class AtollException extends RuntimeException {
  private final ErrorCode code;
  private final Map<String, List<String>> errors = new LinkedHashMap<>();
  private final Map<String, Object> details = new LinkedHashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private int retryAfterSeconds = -1;

  /**
   * What is wrong with a part of a specification.
   *
   * @param code for programs
   * @param field the part
   * @param message for people
   */
  public record Problem(String code, String field, String message) {}

  private AtollException(ErrorCode code, String message, @Nullable Throwable cause) {
    // A fault of the user is no defect: without a stack trace it costs next to nothing.
    super(message, cause, false, code.status() == 500);
    this.code = code;
    if (code.status() == 503 || code == ErrorCode.SANDBOX_STARTING) {
      retryAfterSeconds = 1;
    }
  }

  /** The error with the arguments of its template. */
  public static AtollException of(ErrorCode code, Object... arguments) {
    return new AtollException(code, code.template().formatted(arguments), null);
  }

  /** The error with a message of its own instead of the template. */
  public static AtollException withMessage(ErrorCode code, String message) {
    return new AtollException(code, message, null);
  }

  /** The error and what brought it about, for the log. */
  public static AtollException causedBy(Throwable cause, ErrorCode code, Object... arguments) {
    return new AtollException(code, code.template().formatted(arguments), cause);
  }

  /** What a caller is told of a failure: itself, or that it is ours. */
  public static AtollException told(RuntimeException failure) {
    return failure instanceof AtollException known
        ? known
        : causedBy(failure, ErrorCode.INTERNAL_ERROR);
  }

  /** A field of the request is wrong. */
  public static AtollException invalid(String field, String problem) {
    return of(ErrorCode.VALIDATION_FAILED, field + " " + problem).field(field, problem);
  }

  /** Several fields of the request are wrong. */
  public static AtollException invalid(Map<String, List<String>> problems) {
    Map.Entry<String, List<String>> first = problems.entrySet().iterator().next();
    AtollException e =
        of(ErrorCode.VALIDATION_FAILED, first.getKey() + " " + first.getValue().getFirst());
    e.errors.putAll(problems);
    return e;
  }

  /** Names one more wrong field. */
  public AtollException field(String field, String problem) {
    errors.computeIfAbsent(field, f -> new ArrayList<>()).add(problem);
    return this;
  }

  /** Names what is wrong with a specification. */
  public AtollException problems(List<Problem> found) {
    problems.addAll(found);
    return this;
  }

  /** Adds a detail that a program can read. */
  public AtollException detail(String name, Object value) {
    details.put(name, value);
    return this;
  }

  /** Says when trying again makes sense. */
  public AtollException retryAfter(int seconds) {
    retryAfterSeconds = seconds;
    return this;
  }

  /** The code. */
  public ErrorCode code() {
    return code;
  }

  /** The wrong fields, each with what is wrong. */
  public Map<String, List<String>> errors() {
    return errors;
  }

  /** What is wrong with a specification. */
  public List<Problem> problems() {
    return problems;
  }

  /** Details that a program can read. */
  public Map<String, Object> details() {
    return details;
  }

  /** Seconds after which to try again, when that makes sense. */
  public OptionalInt retryAfterSeconds() {
    return retryAfterSeconds < 0 ? OptionalInt.empty() : OptionalInt.of(retryAfterSeconds);
  }

  /** Whether a caller's fault or the present state of things caused it, rather than a defect. */
  public boolean isExpected() {
    return code.status() != 500;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

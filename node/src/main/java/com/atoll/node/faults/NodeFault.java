package com.atoll.node.faults;

/** A call that fails in a way its caller can understand: no bug, no stack trace. */
public final class NodeFault extends RuntimeException {
  /** What kind of failure it is; each is one gRPC status. */
  public enum Kind {
    /** A value of the request is wrong, whatever the state of the node. */
    INVALID,
    /** The thing does not exist here. */
    NOT_FOUND,
    /** It exists already and is another one. */
    EXISTS,
    /** Right in another state. */
    PRECONDITION,
    /** No room. */
    EXHAUSTED,
    /** Passing: the same call may succeed later. */
    UNAVAILABLE
  }

  private final Kind kind;
  private final String code;

  private NodeFault(Kind kind, String code, String message) {
    super(message, null, false, false);
    this.kind = kind;
    this.code = code;
  }

  /** A wrong value; the sentence names the field. */
  public static NodeFault invalid(String message) {
    return new NodeFault(Kind.INVALID, "INVALID_ARGUMENT", message);
  }

  /** Any kind with its own code. */
  public static NodeFault of(Kind kind, String code, String message) {
    return new NodeFault(kind, code, message);
  }

  /** An unknown thing. */
  public static NodeFault notFound(String code, String message) {
    return new NodeFault(Kind.NOT_FOUND, code, message);
  }

  /** A state that does not allow the call. */
  public static NodeFault precondition(String code, String message) {
    return new NodeFault(Kind.PRECONDITION, code, message);
  }

  /** No room. */
  public static NodeFault exhausted(String code, String message) {
    return new NodeFault(Kind.EXHAUSTED, code, message);
  }

  /** Try later. */
  public static NodeFault unavailable(String code, String message) {
    return new NodeFault(Kind.UNAVAILABLE, code, message);
  }

  /** Its kind. */
  public Kind kind() {
    return kind;
  }

  /** The code that travels as {@code atoll-code}. */
  public String code() {
    return code;
  }

  /** The sentence for the tenant. */
  public String sentence() {
    return String.valueOf(getMessage());
  }
}

package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import tools.jackson.databind.JsonNode;

/**
 * How operations of this wire are declared: outside of our own reference, and without limits of
 * their own, because the operations behind them have scopes and limits.
 */
final class Declared {
  private Declared() {}

  /** For who holds a key. */
  private static OperationBuilder<NoBody, NoBody> keyed(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return open(operation, name, summary).anyScope().relays();
  }

  /** For who proves a right by what the operation itself asks for. */
  static OperationBuilder<NoBody, NoBody> open(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("e2b." + name)
        .summary(summary)
        .priority("P2")
        .root()
        .hidden()
        .anyone()
        .idempotency(Idempotency.NEVER);
  }

  /** Answers the JSON that the handler returns. */
  static Operation<NoBody, JsonNode> json(
      OperationBuilder<NoBody, NoBody> operation,
      String name,
      String summary,
      int status,
      Operation.BodylessHandler<JsonNode> handler) {
    return keyed(operation, name, summary)
        .response(JsonNode.class, Envelope.FLAT)
        .status(status)
        .handle(handler);
  }

  /** Answers 204. */
  static Operation<NoBody, NoBody> empty(
      OperationBuilder<NoBody, NoBody> operation,
      String name,
      String summary,
      Operation.BodylessAction action) {
    return keyed(operation, name, summary).run(action);
  }

  /** Answers 501, and says so. */
  static Operation<NoBody, NoBody> missing(
      OperationBuilder<NoBody, NoBody> operation, String name, String what) {
    return missing(keyed(operation, name, "Not in this release: " + what + "."), what);
  }

  /** The same to who holds no key, as where the SDKs show a token of another kind. */
  static Operation<NoBody, NoBody> missingToAnyone(
      OperationBuilder<NoBody, NoBody> operation, String name, String what) {
    return missing(open(operation, name, "Not in this release: " + what + "."), what);
  }

  private static Operation<NoBody, NoBody> missing(
      OperationBuilder<NoBody, NoBody> operation, String what) {
    return operation.run((Call call) -> {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, what);
    });
  }
}

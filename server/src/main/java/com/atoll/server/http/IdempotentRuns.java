package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.http.dialects.Dialect;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs an operation at most once for each Idempotency-Key. */
final class IdempotentRuns {
  private static final int LONGEST_KEY = 255;

  private final StoredAnswers answers;
  private final Performance performance;
  private final KeyedLocks locks = new KeyedLocks();

  IdempotentRuns(StoredAnswers answers, Performance performance) {
    this.answers = answers;
    this.performance = performance;
  }

  <Q, R> void run(
      Exchange exchange,
      Call call,
      Operation<Q, R> operation,
      Principal principal,
      String key,
      ObjectNode json)
      throws Exception {
    if (key.isEmpty() || key.length() > LONGEST_KEY || key.indexOf('\0') >= 0) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "Idempotency-Key has 1 to 255 characters");
    }
    String path = String.join("/", ApiPath.of(exchange.rawPath()).segments());
    StoredAnswers.Key stored =
        new StoredAnswers.Key(
            principal,
            operation.declaration().method().name(),
            path,
            key,
            fingerprint(exchange, json));
    // A duplicate that arrives meanwhile waits here for the first one.
    try (KeyedLocks.Hold _ = locks.lock(stored.name())) {
      call.keyed(stored, answers);
      StoredAnswers.Answer known = answers.find(stored);
      if (known != null) {
        replay(exchange, call, operation, known);
        return;
      }
      try {
        Q bound = RecordBinder.bind(operation.request, json);
        @Nullable R view = performance.run(exchange, call, operation, bound);
        Dispatcher.send(exchange, call, operation, keep(exchange, call, operation, stored, view));
      } catch (StoredAnswers.TakenException e) {
        StoredAnswers.Answer first = answers.find(stored);
        if (first == null) {
          throw e;
        }
        replay(exchange, call, operation, first);
      } catch (AtollException e) {
        // Another process may have made the same write first, and this one stumbled over it.
        StoredAnswers.Answer first = e.code().status() < 500 ? answers.find(stored) : null;
        if (first == null) {
          throw e;
        }
        replay(exchange, call, operation, first);
      }
    }
  }

  private <Q, R> @Nullable R keep(
      Exchange exchange,
      Call call,
      Operation<Q, R> operation,
      StoredAnswers.Key key,
      @Nullable R view) {
    if (!call.answerStored() && !exchange.answered()) {
      Declaration d = operation.declaration();
      byte[] body =
          view == null
              ? new byte[0]
              : Answers.bytes(Answers.body(view, d.envelope(), Dialect.COMMON, null));
      answers.putAlone(key, exchange.statusOr(d.status()), body);
    }
    return view;
  }

  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode sorted = Json.MAPPER.createObjectNode();
      new TreeSet<>(object.propertyNames())
          .forEach(name -> sorted.set(name, sorted(object.get(name))));
      return sorted;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode sorted = Json.MAPPER.createArrayNode();
      array.forEach(item -> sorted.add(sorted(item)));
      return sorted;
    }
    return node;
  }

  private static void replay(
      Exchange exchange, Call call, Operation<?, ?> operation, StoredAnswers.Answer answer)
      throws Exception {
    exchange.setHeader("Idempotency-Replayed", "true");
    if (answer.body().length == 0) {
      exchange.empty(answer.status());
      return;
    }
    JsonNode tree = Json.MAPPER.readTree(answer.body());
    if (operation.replay != null && tree instanceof ObjectNode object) {
      call.replays();
      operation.replay.drive(call, object);
    }
    exchange.dialect().adapt(tree);
    exchange.json(answer.status(), tree);
  }

  /** What a request asks for, however its JSON is written. */
  private static byte[] fingerprint(Exchange exchange, ObjectNode json) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String query = exchange.rawQuery();
      digest.update((query == null ? "" : query).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) '\n');
      return digest.digest(Json.MAPPER.writeValueAsBytes(sorted(json)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

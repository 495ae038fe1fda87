package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.http.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Connect protocol over HTTP/1.1 with JSON, which is what the SDKs of E2B speak. Who may not
 * use the sandbox is refused before anything of the body is read.
 */
final class Connect {
  /** The longest message of a request, in bytes. */
  static final int LONGEST = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Connect.class);
  private static final String UNARY = "application/json";
  private static final String STREAMING = "application/connect+json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Admission admission;
  private final Function<Call, String> operation;

  /**
   * Calls of one service.
   *
   * @param operation the operation of our own wire that does what a call asks for
   */
  Connect(Admission admission, Function<Call, String> operation) {
    this.admission = admission;
    this.operation = operation;
  }

  /** An error of this protocol that none of ours is. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final Code code;

    Failure(Code code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    private ObjectNode body() {
      return Backend.object().put("code", code.wire()).put("message", String.valueOf(getMessage()));
    }
  }

  /** Answers one message with one. */
  interface Unary {
    /** The answer. */
    JsonNode answer(Guest guest, JsonNode request) throws IOException;
  }

  /** Answers one message with many. */
  interface Streaming {
    /** Sends them; the stream ends when it returns, or with the error that it throws. */
    void answer(Guest guest, JsonNode request, ConnectStream stream) throws IOException;
  }

  /** The messages of a request. */
  interface Messages {
    /** The next one; null after the last one. */
    @Nullable JsonNode next() throws IOException;
  }

  /** Answers many messages with one. */
  interface Gathering {
    /** The answer once all messages were taken. */
    JsonNode answer(Guest guest, Messages requests) throws IOException;
  }

  void unary(Call call, Unary work) throws IOException {
    requireType(call, UNARY);
    JsonNode request = null;
    try {
      Guest guest = admission.admit(call, operation.apply(call));
      request = whole(call, LONGEST);
      write(call, 200, work.answer(guest, request));
    } catch (AtollException refused) {
      log(call, refused);
      if (request == null) {
        call.discardBody();
      }
      refused.retryAfterSeconds().ifPresent(s -> call.setHeader("Retry-After", "" + s));
      write(call, Code.of(refused).status(), error(refused));
    } catch (Failure failure) {
      write(call, failure.code.status(), failure.body());
    }
  }

  /** The one message that a body is, of so many bytes at most. */
  static JsonNode whole(Call call, int longest) throws IOException {
    long length = Math.min(call.bodyLength().orElse(longest), longest);
    try (InputStream body = call.body();
        Call.Hold _ = call.hold(length)) {
      byte[] message = body.readNBytes(longest + 1);
      if (message.length > longest) {
        throw AtollException.of(ErrorCode.TOO_LARGE, longest);
      }
      return parse(message);
    }
  }

  void streaming(Call call, Streaming work) throws IOException {
    requireType(call, STREAMING);
    try (ConnectStream stream = open(call)) {
      finish(
          call,
          stream,
          () -> {
            Guest guest = admission.admit(call, operation.apply(call));
            JsonNode request;
            try (InputStream body = call.body()) {
              request = parse(new Envelopes(body, LONGEST, call::hold).only());
            }
            answer(work, guest, request, stream);
          });
    }
  }

  private static void answer(Streaming work, Guest guest, JsonNode request, ConnectStream stream)
      throws IOException {
    try {
      work.answer(guest, request, stream);
    } catch (IOException | RuntimeException broken) {
      // Whatever it broke off with, it was the deadline that broke it off.
      if (stream.isExpired()) {
        throw new Failure(Code.DEADLINE_EXCEEDED, "The time of this stream was over.");
      }
      throw broken;
    }
  }

  /** How long the client wants the answer to take at most; 0 for as long as it takes. */
  static long timeoutMs(Call call) {
    String text = call.header("Connect-Timeout-Ms");
    if (text == null) {
      return 0;
    }
    if (!text.matches("[0-9]{1,10}")) {
      throw AtollException.invalid("Connect-Timeout-Ms", "must be a number");
    }
    return Math.max(1, Long.parseLong(text));
  }

  void gathering(Call call, Gathering work) throws IOException {
    requireType(call, STREAMING);
    try (ConnectStream stream = open(call)) {
      finish(
          call,
          stream,
          () -> {
            Guest guest = admission.admit(call, operation.apply(call));
            try (InputStream body = call.body()) {
              Envelopes envelopes = new Envelopes(body, LONGEST, call::hold);
              stream.send(
                  work.answer(
                      guest,
                      () -> {
                        byte[] next = envelopes.next();
                        return next == null ? null : parse(next);
                      }));
            }
          });
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void finish(Call call, ConnectStream stream, Work work) throws IOException {
    ObjectNode trailer = Backend.object();
    try {
      work.run();
    } catch (AtollException refused) {
      log(call, refused);
      if (!stream.begun()) {
        call.discardBody();
      }
      trailer.set("error", error(refused));
    } catch (Failure failure) {
      trailer.set("error", failure.body());
    }
    stream.end(trailer);
  }

  private static ConnectStream open(Call call) {
    return new ConnectStream(call.raw(STREAMING, OptionalLong.empty(), Map.of()));
  }

  private static void requireType(Call call, String wanted) {
    String type = call.header("Content-Type");
    String plain = type == null ? "(none)" : type.split(";", -1)[0].strip();
    if (!plain.equalsIgnoreCase(wanted)) {
      throw AtollException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, plain);
    }
  }

  static JsonNode parse(byte[] message) {
    try {
      JsonNode node = JSON.readTree(message);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException malformed) {
      throw AtollException.of(ErrorCode.INVALID_JSON, "it cannot be read");
    }
    throw AtollException.of(ErrorCode.INVALID_JSON, "it must be an object");
  }

  private static void write(Call call, int status, JsonNode answer) {
    byte[] bytes = JSON.writeValueAsBytes(answer);
    call.setStatus(status);
    try (OutputStream out = call.raw(UNARY, OptionalLong.of(bytes.length), Map.of())) {
      out.write(bytes);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  private static ObjectNode error(AtollException e) {
    return Backend.object().put("code", Code.of(e).wire()).put("message", e.getMessage());
  }

  private static void log(Call call, AtollException e) {
    if (!e.isExpected()) {
      LOG.error("{} of a sandbox failed", call.requestId(), e);
    }
  }
}

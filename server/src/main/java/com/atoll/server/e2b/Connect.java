package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The Connect protocol over HTTP/1.1 with JSON, which is what the SDKs of E2B speak. */
final class Connect {
  /** The longest message of a request, in bytes. */
  static final int LONGEST = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Connect.class);
  private static final String UNARY = "application/json";
  private static final String STREAMING = "application/connect+json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Connect() {}

  /** An error of this protocol that none of ours is. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final Code code;

    Failure(Code code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    ObjectNode body() {
      return Backend.object().put("code", code.wire()).put("message", String.valueOf(getMessage()));
    }
  }

  /** Answers one message with one. */
  interface Unary {
    /** The answer; every error comes as an AtollException. */
    JsonNode answer(JsonNode request) throws IOException;
  }

  /** Answers one message with many. */
  interface Streaming {
    /** Sends them; the stream ends when it returns, or with the error that it throws. */
    void answer(JsonNode request, ConnectStream stream) throws IOException;
  }

  /** Answers many messages with one. */
  interface Gathering {
    /** The answer once all messages were taken. */
    JsonNode answer(Envelopes requests) throws IOException;
  }

  static void unary(Call call, Unary work) throws IOException {
    try (InputStream body = call.body()) {
      requireType(call, UNARY);
      JsonNode answer = work.answer(parse(body.readAllBytes()));
      write(call, 200, answer);
    } catch (AtollException refused) {
      log(call, refused);
      refused.retryAfterSeconds().ifPresent(s -> call.setHeader("Retry-After", "" + s));
      write(call, Code.of(refused).status(), error(refused));
    } catch (Failure failure) {
      write(call, failure.code.status(), failure.body());
    }
  }

  static void streaming(Call call, Streaming work) throws IOException {
    requireType(call, STREAMING);
    JsonNode request;
    try (InputStream body = call.body()) {
      request = parse(new Envelopes(body, LONGEST).only());
    } catch (AtollException malformed) {
      try (ConnectStream stream = open(call)) {
        stream.end(trailer(malformed));
      }
      return;
    }
    try (ConnectStream stream = open(call)) {
      finish(call, stream, () -> work.answer(request, stream));
    }
  }

  static void gathering(Call call, Gathering work) throws IOException {
    requireType(call, STREAMING);
    try (InputStream body = call.body();
        ConnectStream stream = open(call)) {
      finish(
          call,
          stream,
          () -> {
            try {
              stream.send(work.answer(new Envelopes(body, LONGEST)));
            } catch (AtollException refused) {
              call.discardBody();
              throw refused;
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
    if (type == null || !type.split(";", -1)[0].strip().equalsIgnoreCase(wanted)) {
      throw AtollException.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, type == null ? "(none)" : type.split(";", -1)[0]);
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

  static ObjectNode error(AtollException e) {
    return Backend.object().put("code", Code.of(e).wire()).put("message", e.getMessage());
  }

  private static ObjectNode trailer(AtollException e) {
    ObjectNode trailer = Backend.object();
    trailer.set("error", error(e));
    return trailer;
  }

  private static void log(Call call, AtollException e) {
    if (!e.isExpected()) {
      LOG.error("{} of a sandbox failed", call.requestId(), e);
    }
  }
}

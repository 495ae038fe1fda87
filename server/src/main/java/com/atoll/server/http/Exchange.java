package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.RequestId;
import com.atoll.server.http.dialects.Dialect;
import com.atoll.server.http.dialects.ErrorBody;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One request and its answer on the HTTP server, without knowledge of operations. */
final class Exchange {
  private static final long MOST_DRAINED = 64 << 20;

  /** A body up to this length is read before a refusal is sent, so that its connection lives on. */
  private static final long SMALL = 1 << 20;

  private static final int PIECE = 64 << 10;

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final RequestId requestId = RequestId.next();
  private final Dialect dialect;
  private final WebSockets webSockets;
  private int status;
  private String area = "none";
  private @Nullable EventStream events;
  private boolean upgraded;
  private boolean test;
  private boolean inner;
  private OpenAnswers.@Nullable Open open;
  private final List<Runnable> atEnd = new ArrayList<>(1);

  Exchange(Request request, Response response, Callback callback, WebSockets webSockets) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.webSockets = webSockets;
    dialect = Dialect.of(rawPath(), request.getHeaders().get(HttpHeader.USER_AGENT));
    Cors.apply(response.getHeaders());
    setHeader("X-Request-ID", requestId.value());
  }

  /** An exchange that this one makes by itself. */
  Exchange inner(Request innerRequest, Response innerResponse, Callback innerCallback) {
    Exchange made = new Exchange(innerRequest, innerResponse, innerCallback, webSockets);
    made.inner = true;
    return made;
  }

  boolean isInner() {
    return inner;
  }

  Request request() {
    return request;
  }

  Response response() {
    return response;
  }

  /** Runs when the client has gone; the connection carries nothing after this answer. */
  void onDisconnect(Runnable action) {
    setHeader("Connection", "close");
    Disconnect.watch(request).then(action);
  }

  RequestId requestId() {
    return requestId;
  }

  Dialect dialect() {
    return dialect;
  }

  String method() {
    return request.getMethod();
  }

  String rawPath() {
    String path = request.getHttpURI().getPath();
    return path == null ? "/" : path;
  }

  @Nullable String rawQuery() {
    return request.getHttpURI().getQuery();
  }

  Query query() {
    try {
      return new Query(Request.extractQueryParameters(request));
    } catch (RuntimeException e) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "the query is malformed");
    }
  }

  @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  Map<String, String> headers(String prefix) {
    Map<String, String> found = new TreeMap<>();
    for (HttpField field : request.getHeaders()) {
      if (field.getName().regionMatches(true, 0, prefix, 0, prefix.length())) {
        String value = field.getValue();
        found.put(
            field.getName().substring(prefix.length()).toLowerCase(Locale.ROOT),
            value == null ? "" : value);
      }
    }
    return found;
  }

  String host() {
    String forwarded = header("X-Forwarded-Host");
    String host = forwarded != null ? forwarded : header("Host");
    return host == null ? "localhost" : host;
  }

  String scheme() {
    return "https".equals(header("X-Forwarded-Proto")) ? "https" : "http";
  }

  void setHeader(String name, String value) {
    response.getHeaders().put(name, value);
  }

  void setStatus(int value) {
    status = value;
  }

  /** The part of the API that is asked for. */
  String area() {
    return area;
  }

  void area(String value) {
    area = value;
  }

  /** The status that was sent, as far as one was. */
  int sentStatus() {
    return response.getStatus();
  }

  int statusOr(int declared) {
    return status == 0 ? declared : status;
  }

  OptionalLong contentLength() {
    long length = request.getLength();
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  byte[] readBody(long limit) {
    refuseAbove(limit);
    try (InputStream in = Content.Source.asInputStream(request)) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] buffer = new byte[16_384];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (body.size() + n > limit) {
          throw tooLarge(limit);
        }
        body.write(buffer, 0, n);
      }
      return body.toByteArray();
    } catch (IOException e) {
      throw endedEarly(e);
    }
  }

  static AtollException endedEarly(IOException e) {
    return AtollException.causedBy(e, ErrorCode.INVALID_REQUEST, "the body ended early");
  }

  InputStream rawBody(long limit) {
    refuseAbove(limit);
    return new BoundedInput(Content.Source.asInputStream(request), limit);
  }

  private void refuseAbove(long limit) {
    if (request.getLength() > limit) {
      throw tooLarge(limit);
    }
  }

  private AtollException tooLarge(long limit) {
    discardBody();
    return AtollException.of(ErrorCode.TOO_LARGE, limit);
  }

  /** Reads what the client still sends, up to a bound; nothing follows on the connection. */
  void discardBody() {
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    drain();
  }

  /** A client that still sends would miss the answer: reads on for a while and forgets it. */
  private void drain() {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] buffer = new byte[65_536];
      long left = MOST_DRAINED;
      for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
        left -= n;
      }
    } catch (IOException gone) {
      return;
    }
  }

  EventStream events() {
    EventStream stream = events;
    if (stream == null) {
      response.setStatus(200);
      setHeader("Content-Type", "text/event-stream");
      setHeader("Cache-Control", "no-cache");
      setHeader("X-Accel-Buffering", "no");
      setHeader("Transfer-Encoding", "chunked");
      // The connection carries nothing after the stream, so its end can be watched while it runs.
      setHeader("Connection", "close");
      stream = new EventStream(response, Disconnect.watch(request));
      events = stream;
    }
    return stream;
  }

  OutputStream raw(int declared, String type, OptionalLong length, Map<String, String> headers) {
    response.setStatus(statusOr(declared));
    setHeader("Content-Type", type);
    if (length.isPresent()) {
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length.getAsLong());
    } else if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1) {
      // Otherwise its end is that of the connection, and one that breaks off passes for whole.
      response.getHeaders().put(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
    }
    headers.forEach(this::setHeader);
    return Content.Sink.asOutputStream(response);
  }

  void webSocket(List<String> subprotocols, WebSocketTalk talk) {
    webSockets.accept(request, response, callback, subprotocols, talk);
    upgraded = true;
  }

  /** Whether something of an answer depends on who asks. */
  boolean changesAnswers() {
    return test || dialect == Dialect.GO;
  }

  void json(int declared, JsonNode body) {
    if (test && dialect != Dialect.E2B) {
      Answers.label(body);
    }
    if (Answers.isLong(body)) {
      pieces(declared, body);
    } else {
      bytes(statusOr(declared), "application/json", Answers.bytes(body));
    }
  }

  /** Says that the caller is in test mode, as every answer then does and every resource in it. */
  void inTestMode() {
    test = true;
    setHeader("X-Atoll-Mode", "test");
  }

  /**
   * Sends what would take many times its size if it were written down whole. One that does not come
   * to its end is not ended: it would pass for whole.
   */
  private void pieces(int declared, JsonNode body) {
    takeRest();
    try {
      OutputStream out =
          new BufferedOutputStream(
              raw(declared, "application/json", OptionalLong.empty(), Map.of()), PIECE);
      Answers.write(body, out);
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A small body that nobody wanted: unread, it would cost the client the connection, or this
   * answer.
   */
  private void takeRest() {
    if (request.getLength() > 0 && request.getLength() <= SMALL) {
      drain();
    }
  }

  void empty(int declared) {
    takeRest();
    response.setStatus(statusOr(declared));
    write(ByteBuffer.allocate(0));
  }

  void bytes(int code, String type, byte[] body) {
    takeRest();
    response.setStatus(code);
    setHeader("Content-Type", type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    write(ByteBuffer.wrap(body));
  }

  void error(AtollException e) {
    if (upgraded || response.isCommitted()) {
      return;
    }
    if (e.code() == ErrorCode.RANGE_NOT_SATISFIABLE
        && e.details().get("size") instanceof Long size) {
      setHeader("Content-Range", "bytes */" + size);
    }
    e.retryAfterSeconds().ifPresent(s -> setHeader("Retry-After", Integer.toString(s)));
    bytes(
        e.code().status(),
        "application/json",
        Answers.bytes(ErrorBody.of(Json.MAPPER, dialect, e, requestId.value())));
  }

  /** What is closed when the exchange is over. */
  void onFinish(OpenAnswers.Open answer) {
    OpenAnswers.Open before = open;
    if (before != null) {
      before.close();
    }
    open = answer;
  }

  /** Ends the connection at once, whatever is still to be said. */
  void breakOff() {
    request.getConnectionMetaData().getConnection().getEndPoint().close();
  }

  private void write(ByteBuffer body) {
    try {
      Content.Sink.write(response, true, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean answered() {
    return upgraded || response.isCommitted();
  }

  /** Has something done once the answer was sent, or will not be. */
  void atEnd(Runnable work) {
    atEnd.add(work);
  }

  /** Ends the exchange; nothing may be answered after. */
  void finish(@Nullable Throwable failure) {
    atEnd.forEach(Runnable::run);
    EventStream stream = events;
    if (stream != null) {
      stream.close();
    }
    if (open != null) {
      open.close();
    }
    if (upgraded) {
      return;
    }
    if (failure != null) {
      callback.failed(failure);
    } else {
      callback.succeeded();
    }
  }
}

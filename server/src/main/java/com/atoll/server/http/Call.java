package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.model.RequestId;
import com.atoll.server.http.dialects.Dialect;
import com.atoll.server.store.Deed;
import com.atoll.server.store.Tx;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One request, as the handler of an operation sees it, and the ways to answer it. */
public final class Call {
  /** What a WebSocket is closed with when its credential ends. */
  private static final int POLICY = 1008;

  private final Exchange exchange;
  private final Operation<?, ?> operation;
  private final Map<String, String> parameters;
  private final @Nullable Principal principal;
  private final Query query;
  private final BodyBudget budget;
  private final OpenAnswers open;
  private ObjectNode json = Json.MAPPER.createObjectNode();
  private StoredAnswers.@Nullable Key idempotency;
  private @Nullable StoredAnswers answers;
  private boolean stored;

  Call(
      Exchange exchange,
      Operation<?, ?> operation,
      Map<String, String> parameters,
      @Nullable Principal principal,
      OpenAnswers open,
      BodyBudget budget) {
    this.budget = budget;
    this.exchange = exchange;
    this.open = open;
    this.operation = operation;
    this.parameters = parameters;
    this.principal = principal;
    this.query = exchange.query();
  }

  /** Who asks. */
  public Principal principal() {
    if (principal == null) {
      throw new IllegalStateException("an operation for anyone has no principal");
    }
    return principal;
  }

  /** What another operation of this server says besides this request; null when it says nothing. */
  public <T> @Nullable T given(Class<T> kind) {
    Object given = exchange.request().getAttribute(InnerCalls.GIVEN);
    return kind.isInstance(given) ? kind.cast(given) : null;
  }

  /** A parameter of the path that is an id or a slug; anything that cannot be one is refused. */
  public String path(String name) {
    return Ids.reference(rawPath(name));
  }

  /** A parameter of the path as it was sent, decoded. */
  public String rawPath(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalStateException("the path has no parameter " + name);
    }
    return value;
  }

  /** Whether the path has this parameter. */
  public boolean hasPath(String name) {
    return parameters.containsKey(name);
  }

  /** All parameters of the path as they were sent, decoded. */
  public Map<String, String> paths() {
    return parameters;
  }

  /** A query parameter, or null. */
  public @Nullable String query(String name) {
    return query.text(name);
  }

  /** Every value of a query parameter that may be repeated. */
  public List<String> queries(String name) {
    return query.texts(name);
  }

  /** A query parameter that must be there. */
  public String requireQuery(String name) {
    String value = query.text(name);
    if (value == null || value.isEmpty()) {
      throw AtollException.of(ErrorCode.MISSING_PARAM, name);
    }
    return value;
  }

  /** A query parameter that is a number in this range. */
  public OptionalInt queryInt(String name, int least, int most) {
    return query.integer(name, least, most);
  }

  /** A query parameter that is true or false. */
  public boolean queryFlag(String name, boolean otherwise) {
    return query.flag(name, otherwise);
  }

  /** Which page is asked for. */
  public Paging paging() {
    return Paging.listed(query, operation.declaration().usualLimit());
  }

  /** The same of a list that has pages of another length where nobody says one. */
  public Paging paging(int usual) {
    return Paging.of(query, usual);
  }

  /** Which page is asked for, of a list whose cursors are of its own kind. */
  public Paging pagingWithOwnCursor() {
    return Paging.withOwnCursor(query);
  }

  /** The same of a list whose cursors name ids of this kind, and no others. */
  public Paging paging(String prefix) {
    Paging paging = paging();
    requireKind(prefix, paging.after());
    return paging;
  }

  private static void requireKind(String prefix, @Nullable String after) {
    if (after != null && !Ids.is(prefix, after)) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
  }

  /**
   * The id of this kind that the cursor names, of a list that counts pages in its own way; null
   * without a cursor.
   */
  public @Nullable String cursor(String prefix) {
    String after = Paging.key(query);
    requireKind(prefix, after);
    return after;
  }

  /** Refuses a cursor where a list hands none out: it would begin anew and say nothing. */
  public void refuseCursor() {
    if (Paging.key(query) != null) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
  }

  /** A header, or null. */
  public @Nullable String header(String name) {
    return exchange.header(name);
  }

  /** The headers whose names begin so, by the rest of the name in lower case; the last of each. */
  public Map<String, String> headers(String prefix) {
    return exchange.headers(prefix);
  }

  /** The id of this request. */
  public RequestId requestId() {
    return exchange.requestId();
  }

  /** Which client asks. */
  public Dialect dialect() {
    return exchange.dialect();
  }

  /** The host that the client asked, with its port, as the edge passed it on. */
  public String host() {
    return exchange.host();
  }

  /** {@code http} or {@code https}, as the client asked. */
  public String scheme() {
    return exchange.scheme();
  }

  /** The JSON of the request as it was sent; empty when there was none. */
  public ObjectNode json() {
    return json;
  }

  /** Whether the body names this field, even with null. */
  public boolean has(String field) {
    return json.has(field);
  }

  /** The body of an operation that reads it raw, not buffered, bounded by its declaration. */
  public InputStream body() {
    return exchange.rawBody(operation.declaration().bodyLimit());
  }

  /** Memory that is held for a body. */
  public interface Hold extends AutoCloseable {
    /** Gives it back. */
    @Override
    void close();
  }

  /** Waits until so many bytes of a raw body may be held in memory. */
  public Hold hold(long bytes) {
    try {
      return budget.take(bytes)::close;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw AtollException.of(ErrorCode.NO_CAPACITY, "the server ends");
    }
  }

  /** Has something done once the answer was sent, or will not be. */
  public void atEnd(Runnable work) {
    exchange.atEnd(work);
  }

  /** Forgets what is left of a raw body, so that a client that still sends reads the refusal. */
  public void discardBody() {
    exchange.discardBody();
  }

  /** The length of the body when the client said it. */
  public OptionalLong bodyLength() {
    return exchange.contentLength();
  }

  /** Whether the client prefers server-sent events to JSON. */
  public boolean wantsEvents() {
    return Accept.prefersEvents(exchange.header("Accept"));
  }

  /** The event after which a stream resumes, or null. */
  public @Nullable String lastEventId() {
    String header = exchange.header("Last-Event-ID");
    return header != null ? header : query.text("last_event_id");
  }

  /** Begins an event stream; from here on errors can only end it. */
  public EventStream events() {
    endsWithCredential(false);
    return exchange.events();
  }

  /** Answers bytes; the caller writes them and closes the stream. */
  public OutputStream raw(String contentType, OptionalLong length, Map<String, String> headers) {
    endsWithCredential(false);
    return exchange.raw(operation.declaration().status(), contentType, length, headers);
  }

  /** Answers that what the client has is still good, without a body. */
  public void notModified(Map<String, String> headers) {
    headers.forEach(exchange::setHeader);
    exchange.empty(304);
  }

  /**
   * Does this once the client of a long answer has gone. To be said before the answer begins; the
   * body must have been read.
   */
  public void onDisconnect(Runnable action) {
    exchange.onDisconnect(action);
  }

  /**
   * Does work on this thread whose result is of use to this caller alone; the body must have been
   * read and nothing answered. Once the caller has been gone for a minute the thread is
   * interrupted.
   */
  public <T> T attended(Supplier<T> work) {
    try {
      return attended(Thread.currentThread()::interrupt, work);
    } finally {
      // It has done what it was for, or came too late.
      var _ = Thread.interrupted();
    }
  }

  /**
   * The same for work that is ended otherwise.
   *
   * @param giveUp makes it end, on another thread, without waiting for that
   */
  public <T> T attended(Runnable giveUp, Supplier<T> work) {
    endsWithCredential(true);
    // The connection of an inner call is that of the one that made it.
    return exchange.isInner() ? work.get() : new Attended(exchange, giveUp).run(work);
  }

  /** What of a view the caller asks for: a page of it when it is a list. */
  Object asked(Object view) {
    return view instanceof Page<?> page ? page.asked(query) : view;
  }

  /** Answers JSON from an operation that answers by itself. */
  public void respond(Object view, Envelope envelope) {
    exchange.json(
        operation.declaration().status(), Answers.body(asked(view), envelope, dialect(), paging()));
  }

  /** Answers a page of a list from an operation that answers by itself. */
  public void respond(Page<?> page, Paging asked) {
    exchange.json(
        operation.declaration().status(), Answers.body(page, Envelope.LIST, dialect(), asked));
  }

  /** Accepts a WebSocket and runs the conversation on a thread of its own. */
  public void webSocket(List<String> subprotocols, WebSocketTalk talk) {
    Principal whose = principal;
    Supplier<@Nullable String> about = Deed.subjectOfPresent();
    exchange.webSocket(
        subprotocols,
        whose == null
            ? talk
            : socket -> {
              try (OpenAnswers.Open _ =
                  open.add(whose, about, () -> socket.close(POLICY, "the credential ended"))) {
                talk.talk(socket);
              }
            });
  }

  /** Sets a header of the answer. */
  public void setHeader(String name, String value) {
    exchange.setHeader(name, value);
  }

  /** Answers with this status instead of the declared one. */
  public void setStatus(int status) {
    exchange.setStatus(status);
  }

  /** Whether the answer of this call is kept for a repetition of it. */
  public boolean isKeyed() {
    return idempotency != null;
  }

  /**
   * Stores the answer under the request's Idempotency-Key, in the transaction that makes the
   * change. A retry gets this answer again and changes nothing. Does nothing when no key was sent.
   * Said again in the same call, the answer takes the place of the one before.
   *
   * @param resource the resource that the answer is about; its removal may forget the answer
   */
  public void idempotentAnswer(Tx tx, Object view, String resource) {
    StoredAnswers.Key key = idempotency;
    if (key == null || answers == null) {
      return;
    }
    Operation.Declaration d = operation.declaration();
    byte[] body = Answers.bytes(Answers.body(view, d.envelope(), Dialect.COMMON, null));
    if (stored) {
      answers.replace(tx, key, body);
    } else {
      answers.put(tx, key, exchange.statusOr(d.status()), body, resource);
      stored = true;
    }
  }

  /** Makes of an answer that is sent again the one that this operation gives of a view. */
  public void answerInstead(ObjectNode answer, Object view) {
    JsonNode now = Answers.body(view, operation.declaration().envelope(), Dialect.COMMON, null);
    now.properties().forEach(field -> answer.set(field.getKey(), field.getValue()));
  }

  Exchange exchange() {
    return exchange;
  }

  private void endsWithCredential(boolean waitedFor) {
    if (principal != null) {
      exchange.onFinish(open.add(principal, waitedFor, exchange::breakOff));
    }
  }

  boolean answerStored() {
    return stored;
  }

  void bind(ObjectNode body) {
    json = body;
  }

  void keyed(StoredAnswers.Key key, StoredAnswers by) {
    idempotency = key;
    answers = by;
  }

  /** An answer of this call is stored already: another one takes its place. */
  void replays() {
    stored = true;
  }
}

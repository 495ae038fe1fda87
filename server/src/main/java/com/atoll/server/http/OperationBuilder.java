package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Operation.Access;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Declares an {@link Operation}.
 *
 * @param <Q> the record of the request
 * @param <R> what the handler returns
 */
public final class OperationBuilder<Q, R> {
  private static final long JSON_LIMIT = 1 << 20;

  private final Method method;
  private final String path;
  private final Set<ErrorCode> errors = EnumSet.noneOf(ErrorCode.class);
  private final List<Parameter> parameters = new ArrayList<>();
  private String id = "";
  private String summary = "";
  private Access access = Access.UNDECLARED;
  private @Nullable String scope;
  private @Nullable Idempotency idempotency;
  private @Nullable String rateGroup = "";
  private String priority = "";
  private Class<?> request = NoBody.class;
  private Class<?> response = NoBody.class;
  private Envelope envelope = Envelope.NO_CONTENT;
  private Envelope instead = Envelope.NO_CONTENT;
  private int status;
  private int otherStatus;
  private int usualLimit = Paging.USUAL;
  private long bodyLimit = JSON_LIMIT;
  private boolean rawRequest;
  private List<String> contentTypes = List.of("application/json");
  private boolean root;
  private boolean hidden;
  private boolean delegable;
  private boolean ofWhole;
  private boolean relays;
  private boolean outside;
  private boolean readOnly;
  private boolean reads;
  private boolean implemented = true;
  private Operation.@Nullable Replay replay;
  private final List<Operation.Meaning<Q>> besides = new ArrayList<>();

  OperationBuilder(Method method, String path) {
    this.method = method;
    this.path = path;
  }

  /** The name of the operation, {@code area.name}. */
  public OperationBuilder<Q, R> id(String value) {
    id = value;
    return this;
  }

  /** One sentence for the reference. */
  public OperationBuilder<Q, R> summary(String value) {
    summary = value;
    return this;
  }

  /** The scope that a key needs whose scopes are listed. */
  public OperationBuilder<Q, R> scope(String value) {
    access = Access.CREDENTIAL;
    scope = value;
    return this;
  }

  /** Any key may ask, whatever its scopes. */
  public OperationBuilder<Q, R> anyScope() {
    access = Access.CREDENTIAL;
    return this;
  }

  /**
   * A token may ask too, although it needs no scope: the answer tells nothing that it must not see.
   */
  public OperationBuilder<Q, R> delegable() {
    delegable = true;
    return this;
  }

  /**
   * It tells of the whole organization, or changes what all of it share: a credential may not ask
   * that is confined to one end user, to a workspace or to some sandboxes.
   */
  public OperationBuilder<Q, R> ofWholeOrganization() {
    ofWhole = true;
    return this;
  }

  /**
   * All that it does it asks of other operations with the credential of its caller, which check
   * that: a key of one workspace may ask although no scope is named.
   */
  public OperationBuilder<Q, R> relays() {
    relays = true;
    return this;
  }

  /** What it changes lies outside the database, as the files and processes of a sandbox do. */
  public OperationBuilder<Q, R> outside() {
    outside = true;
    return this;
  }

  /**
   * It changes nothing that the audit log should know of, although it is no GET, or a WebSocket,
   * which acts unless this is said.
   */
  public OperationBuilder<Q, R> readOnly() {
    readOnly = true;
    return this;
  }

  /**
   * It is a read, although it is no GET: who may only read asks for it too. What makes something
   * that works by itself, as a link or a token does, is none.
   */
  public OperationBuilder<Q, R> reads() {
    reads = true;
    return this;
  }

  /** Everybody may ask, without a credential; it is not rate-limited. */
  public OperationBuilder<Q, R> anyone() {
    access = Access.ANYONE;
    rateGroup = null;
    return this;
  }

  /** What happens when the same write arrives twice. */
  public OperationBuilder<Q, R> idempotency(Idempotency value) {
    idempotency = value;
    return this;
  }

  /** The group whose requests are counted together; the default is area and kind of access. */
  public OperationBuilder<Q, R> rateGroup(String value) {
    rateGroup = value;
    return this;
  }

  /** It is not rate-limited, as the readiness that clients poll. */
  public OperationBuilder<Q, R> rateExempt() {
    rateGroup = null;
    return this;
  }

  /** {@code P1} to {@code P4}. */
  public OperationBuilder<Q, R> priority(String value) {
    priority = value;
    return this;
  }

  /** The status of success, when it is not 200 (204 without content). */
  public OperationBuilder<Q, R> status(int value) {
    status = value;
    return this;
  }

  /** The status of success of another kind, which {@link Call#setStatus} tells. */
  public OperationBuilder<Q, R> otherStatus(int value) {
    otherStatus = value;
    return this;
  }

  /** What it may answer besides the errors that every operation has. */
  public OperationBuilder<Q, R> errors(ErrorCode... codes) {
    errors.addAll(List.of(codes));
    return this;
  }

  /** A query parameter that is a text. */
  public OperationBuilder<Q, R> query(String name, String doc) {
    return query(name, "string", doc);
  }

  /** A query parameter. */
  public OperationBuilder<Q, R> query(String name, String type, String doc) {
    parameters.add(new Parameter(name, type, doc));
    return this;
  }

  /** The greatest size of the body in bytes, when 1 MiB is not enough. */
  public OperationBuilder<Q, R> bodyLimit(long bytes) {
    bodyLimit = bytes;
    return this;
  }

  /** It is served outside {@code /api/v1} too. */
  public OperationBuilder<Q, R> root() {
    root = true;
    return this;
  }

  /** The reference leaves it out. */
  public OperationBuilder<Q, R> hidden() {
    hidden = true;
    return this;
  }

  /** What is done before a stored answer is sent again. */
  public OperationBuilder<Q, R> onReplay(Operation.Replay value) {
    replay = value;
    return this;
  }

  /**
   * A body of this kind means another operation too: the gate is asked about both, and an approval
   * is one for the whole request. After {@link #request}.
   */
  public OperationBuilder<Q, R> besides(String operation, Predicate<Q> when) {
    besides.add(new Operation.Meaning<>(operation, when));
    return this;
  }

  /** The record that the JSON body is bound to. */
  @SuppressWarnings("unchecked")
  public <T> OperationBuilder<T, R> request(Class<T> type) {
    request = type;
    return (OperationBuilder<T, R>) this;
  }

  /** The handler reads the body itself, at most so many bytes. */
  public OperationBuilder<Q, R> rawRequest(long limit) {
    rawRequest = true;
    bodyLimit = limit;
    return this;
  }

  /** One object. */
  @SuppressWarnings("unchecked")
  public <T> OperationBuilder<Q, T> response(Class<T> type, Envelope form) {
    response = type;
    envelope = form;
    return (OperationBuilder<Q, T>) this;
  }

  /** A list, in all three paging styles. */
  @SuppressWarnings("unchecked")
  public <T> OperationBuilder<Q, Page<T>> list(Class<T> type) {
    response = type;
    envelope = Envelope.LIST;
    paged();
    return (OperationBuilder<Q, Page<T>>) (OperationBuilder<Q, ?>) this;
  }

  /** That the parameters say which page is meant, in all three styles. */
  public OperationBuilder<Q, R> paged() {
    parameters.addAll(Paging.PARAMETERS);
    return this;
  }

  /**
   * How many items a list gives who does not say how many: clients that have no way to say it show
   * what they are given as if it were all. Who counts pages by number still gets the usual ones.
   */
  public OperationBuilder<Q, R> usualLimit(int items) {
    usualLimit = items;
    parameters.replaceAll(p -> p.name().equals("limit") ? Paging.limit(items) : p);
    return this;
  }

  /** Server-sent events, or JSON where an answer was named before; not rate-limited. */
  public OperationBuilder<Q, R> events() {
    instead = envelope;
    contentTypes =
        envelope == Envelope.NO_CONTENT
            ? List.of("text/event-stream")
            : List.of("text/event-stream", "application/json");
    envelope = Envelope.EVENTS;
    rateGroup = null;
    return this;
  }

  /** A WebSocket; not rate-limited. */
  public OperationBuilder<Q, R> webSocket() {
    envelope = Envelope.WEB_SOCKET;
    rateGroup = null;
    return this;
  }

  /** Bytes of one of these content types. */
  public OperationBuilder<Q, R> raw(String... types) {
    envelope = Envelope.RAW;
    contentTypes = List.of(types);
    return this;
  }

  /** The work, with a body. */
  public Operation<Q, R> handle(Operation.Handler<Q, R> handler) {
    return build(handler);
  }

  /** The work, without a body. */
  public Operation<Q, R> handle(Operation.BodylessHandler<R> handler) {
    return build((call, body) -> handler.handle(call));
  }

  /** The work of an operation that answers 204, or answers by itself through the {@link Call}. */
  public Operation<Q, R> run(Operation.Action<Q> action) {
    return build((call, body) -> {
      action.run(call, body);
      return null;
    });
  }

  /** The work of an operation without a body that answers 204, or answers by itself. */
  public Operation<Q, R> run(Operation.BodylessAction action) {
    return run((call, body) -> action.run(call));
  }

  /** The operation is part of the API, and this release says so, but does not do it. */
  public Operation<Q, R> notImplemented() {
    implemented = false;
    errors.add(ErrorCode.NOT_IMPLEMENTED);
    if (access == Access.UNDECLARED) {
      anyScope();
    }
    if (method.writes() && idempotency == null) {
      idempotency = Idempotency.NEVER;
    }
    String name = id;
    return build((call, body) -> {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, name);
    });
  }

  @SuppressWarnings("unchecked")
  private Operation<Q, R> build(Operation.Handler<Q, R> handler) {
    String group = rateGroup;
    if (group != null && group.isEmpty()) {
      int dot = id.indexOf('.');
      group = (dot < 0 ? id : id.substring(0, dot)) + (method.writes() ? ".write" : ".read");
    }
    int success = status != 0 ? status : envelope == Envelope.NO_CONTENT ? 204 : 200;
    return new Operation<>(
        new Operation.Declaration(
            method,
            path,
            id,
            summary,
            access,
            scope,
            idempotency,
            group,
            priority,
            request,
            response,
            envelope,
            instead,
            success,
            otherStatus,
            Set.copyOf(errors),
            List.copyOf(parameters),
            usualLimit,
            bodyLimit,
            rawRequest,
            contentTypes,
            root,
            hidden,
            delegable,
            ofWhole,
            relays,
            outside,
            readOnly,
            reads,
            implemented),
        (Class<Q>) request,
        handler,
        replay,
        List.copyOf(besides));
  }
}

package com.atoll.server.http;

import com.atoll.model.ErrorCode;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One operation of the API, declared once. Routes, checks, the reference and the contract tests
 * come from this declaration.
 *
 * @param <Q> the record that its request is bound to
 * @param <R> what its handler returns
 */
public final class Operation<Q, R> {
  /** Does the work and returns what is answered. */
  @FunctionalInterface
  public interface Handler<Q, R> {
    /** Does it. */
    @Nullable R handle(Call call, Q body) throws Exception;
  }

  /** Does the work of an operation without a body. */
  @FunctionalInterface
  public interface BodylessHandler<R> {
    /** Does it. */
    @Nullable R handle(Call call) throws Exception;
  }

  /** Does the work of an operation that answers nothing, or answers by itself. */
  @FunctionalInterface
  public interface Action<Q> {
    /** Does it. */
    void run(Call call, Q body) throws Exception;
  }

  /** Does the work of an operation without a body that answers nothing, or answers by itself. */
  @FunctionalInterface
  public interface BodylessAction {
    /** Does it. */
    void run(Call call) throws Exception;
  }

  /** Brings the resource of a stored answer to the state that the answer names. */
  @FunctionalInterface
  public interface Replay {
    /** Does it, before the answer is sent again. */
    void drive(Call call, ObjectNode answer) throws Exception;
  }

  /**
   * What a request means besides, when it has certain fields: whoever asks must be allowed both.
   *
   * @param operation id of the other operation
   * @param when whether this body means it
   */
  record Meaning<Q>(String operation, Predicate<Q> when) {}

  final Declaration declaration;
  final Class<Q> request;
  private final Handler<Q, R> handler;
  final @Nullable Replay replay;
  private final List<Meaning<Q>> besides;

  Operation(
      Declaration declaration,
      Class<Q> request,
      Handler<Q, R> handler,
      @Nullable Replay replay,
      List<Meaning<Q>> besides) {
    this.declaration = declaration;
    this.request = request;
    this.handler = handler;
    this.replay = replay;
    this.besides = besides;
  }

  /** Declares a GET. */
  public static OperationBuilder<NoBody, NoBody> get(String path) {
    return new OperationBuilder<>(Method.GET, path);
  }

  /** Declares a POST. */
  public static OperationBuilder<NoBody, NoBody> post(String path) {
    return new OperationBuilder<>(Method.POST, path);
  }

  /** Declares a PUT. */
  public static OperationBuilder<NoBody, NoBody> put(String path) {
    return new OperationBuilder<>(Method.PUT, path);
  }

  /** Declares a PATCH, which PUT reaches too. */
  public static OperationBuilder<NoBody, NoBody> patch(String path) {
    return new OperationBuilder<>(Method.PATCH, path);
  }

  /** Declares a DELETE. */
  public static OperationBuilder<NoBody, NoBody> delete(String path) {
    return new OperationBuilder<>(Method.DELETE, path);
  }

  /** The declaration. */
  public Declaration declaration() {
    return declaration;
  }

  /** The ids of the operations that this body means besides. */
  List<String> besides(Q body) {
    return besides.stream()
        .filter(meaning -> meaning.when().test(body))
        .map(Meaning::operation)
        .toList();
  }

  @Nullable R run(Call call, Q body) throws Exception {
    return handler.handle(call, body);
  }

  /**
   * What is declared of an operation.
   *
   * @param method how it is asked for
   * @param path below {@code /api/v1}; {@code :name} is a parameter, a last {@code *name} takes the
   *     rest
   * @param id {@code area.name}
   * @param summary one sentence for the reference
   * @param access who may ask
   * @param scope the scope that a restricted key needs; null when any key will do
   * @param idempotency what happens when a write arrives twice
   * @param rateGroup the group whose requests are counted together; null when it is not limited
   * @param priority {@code P1} to {@code P4}
   * @param request record of the request; {@link NoBody} when it has none
   * @param response record of the answer or of one item
   * @param envelope how the answer is wrapped
   * @param instead how the answer is wrapped for who asks a stream for JSON; NO_CONTENT where it
   *     only streams
   * @param status status of success
   * @param otherStatus status of success of another kind, as of a create that found what was there;
   *     0 without one
   * @param errors what it may answer besides the errors that every operation has
   * @param parameters query parameters
   * @param bodyLimit greatest size of the request body in bytes; raw uploads are streamed
   * @param rawRequest whether the handler reads the body itself
   * @param contentTypes content types of a raw answer
   * @param root whether it is served outside {@code /api/v1} too
   * @param hidden whether the reference leaves it out
   * @param delegable whether a token may ask although no scope is named
   * @param ofWhole whether it tells of the whole organization or changes what all of it share,
   *     which is not for a credential that is confined within it
   * @param relays whether all that it does is asked of other operations with the same credential
   * @param outside whether what it changes lies outside the database, so that the audit log is
   *     written while it runs and not in a transaction of its own
   * @param readOnly whether it changes nothing that the audit log should know of although its
   *     method writes, or it is a WebSocket that only tells
   * @param reads whether it is a read although its method writes: who may only read asks for it
   * @param implemented false when it only answers {@code NOT_IMPLEMENTED}
   */
  public record Declaration(
      Method method,
      String path,
      String id,
      String summary,
      Access access,
      @Nullable String scope,
      @Nullable Idempotency idempotency,
      @Nullable String rateGroup,
      String priority,
      Class<?> request,
      Class<?> response,
      Envelope envelope,
      Envelope instead,
      int status,
      int otherStatus,
      Set<ErrorCode> errors,
      List<Parameter> parameters,
      int usualLimit,
      long bodyLimit,
      boolean rawRequest,
      List<String> contentTypes,
      boolean root,
      boolean hidden,
      boolean delegable,
      boolean ofWhole,
      boolean relays,
      boolean outside,
      boolean readOnly,
      boolean reads,
      boolean implemented) {

    /**
     * What else than the account concerns who asks: its tickets and marks, and its own leaving.
     * Whether a removal is that, its handler sees, which refuses any other to who does not manage.
     */
    private static final Set<String> OWN_BUSINESS =
        Set.of(
            "tokens.sse_ticket",
            "tokens.key_sse_ticket",
            "notifications.mark_read",
            "notifications.mark_all_read",
            "members.remove",
            "members.of.remove");

    /** Whether it concerns the asking person alone, so that a viewer may do it too. */
    boolean isOwnBusiness() {
      return area().equals("account") || OWN_BUSINESS.contains(id);
    }

    /**
     * Whether asking for it may change something, so that who may only read is refused: every
     * method that writes, unless it is declared a read, and a WebSocket, which is asked for by GET
     * and carries what its client sends, unless it is declared to tell only.
     */
    public boolean acts() {
      return !reads && (method.writes() || (envelope == Envelope.WEB_SOCKET && !readOnly));
    }

    /**
     * Whether a key whose scopes are listed may not do it: it changes something, and there is no
     * scope by which such a key could have been given the right to.
     */
    boolean needsAllScopes() {
      boolean asksOthers = hidden || area().equals("mcp");
      return scope == null && acts() && !readOnly && !delegable && !asksOthers && !isOwnBusiness();
    }

    /** The part of the API that it belongs to. */
    public String area() {
      int dot = id.indexOf('.');
      return dot < 0 ? id : id.substring(0, dot);
    }
  }

  /** Who may ask. */
  public enum Access {
    /** Nothing was said: a broken declaration. */
    UNDECLARED,
    /** Whoever holds a credential. */
    CREDENTIAL,
    /** Everybody. */
    ANYONE
  }
}

package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.Delegation;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Operation.Access;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.store.UnknownOutcomeException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Takes a request through all conventions to its operation and back. */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final Registry registry;
  private final Authenticator authenticator;
  private final RateLimiter limiter;
  private final Performance performance;
  private final OpenAnswers open;
  private final IdempotentRuns idempotentRuns;
  private final NotBuilt notBuilt = new NotBuilt();
  private final BodyBudget budget = new BodyBudget(Runtime.getRuntime().maxMemory());

  Dispatcher(
      Registry registry,
      Authenticator authenticator,
      RateLimiter limiter,
      StoredAnswers storedAnswers,
      Performance performance,
      OpenAnswers open) {
    this.registry = registry;
    this.authenticator = authenticator;
    this.limiter = limiter;
    this.performance = performance;
    this.open = open;
    idempotentRuns = new IdempotentRuns(storedAnswers, performance);
  }

  void dispatch(Exchange exchange) {
    @Nullable Throwable failure = null;
    long began = System.nanoTime();
    try {
      answer(exchange);
    } catch (AtollException e) {
      failure = fail(exchange, e, e);
    } catch (UnknownOutcomeException e) {
      failure = fail(exchange, AtollException.causedBy(e, ErrorCode.DATABASE_UNAVAILABLE), e);
    } catch (UncheckedIOException e) {
      log.debug("{} the client has gone: {}", exchange.requestId(), e.getMessage());
      failure = e;
    } catch (Throwable e) {
      failure = fail(exchange, AtollException.causedBy(e, ErrorCode.INTERNAL_ERROR), e);
    }
    Traffic.count(exchange.area(), exchange.sentStatus(), System.nanoTime() - began);
    exchange.finish(failure);
  }

  private @Nullable Throwable fail(Exchange exchange, AtollException e, Throwable cause) {
    // Whoever leaves a stream has what it reads from closed.
    if (e.isExpected() || (exchange.answered() && cause instanceof ClosedChannelException)) {
      log.debug("{} {}: {}", exchange.requestId(), e.code(), e.getMessage());
    } else {
      log.error("{} {} {}", exchange.requestId(), exchange.method(), exchange.rawPath(), cause);
    }
    if (exchange.answered()) {
      return cause;
    }
    try {
      exchange.error(e);
      return null;
    } catch (UncheckedIOException gone) {
      return gone;
    }
  }

  private void answer(Exchange exchange) throws Exception {
    if (exchange.method().equals("OPTIONS")) {
      Cors.preflight(exchange);
      return;
    }
    ApiPath path = ApiPath.of(exchange.rawPath());
    Routes.Match match = registry.routes().find(path.segments());
    if (match == null) {
      Routes.Match later = path.prefixed() ? notBuilt.find(path.segments()) : null;
      Operation<?, ?> refusal = later == null ? null : later.operation(Method.GET);
      if (later == null || refusal == null) {
        throw AtollException.of(
            ErrorCode.NOT_FOUND, "route " + exchange.method() + " " + shown(exchange));
      }
      exchange.area(refusal.declaration().area());
      run(exchange, refusal, later);
      return;
    }
    Operation<?, ?> operation = operation(exchange, match);
    if (!path.prefixed() && !operation.declaration().root()) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "route outside /api/v1");
    }
    exchange.area(operation.declaration().area());
    run(exchange, operation, match);
  }

  private static Operation<?, ?> operation(Exchange exchange, Routes.Match match) {
    Method method = Method.of(exchange.method());
    Operation<?, ?> operation = method == null ? null : match.operation(method);
    if (operation == null) {
      exchange.setHeader(
          "Allow", match.methods().stream().map(Method::name).collect(Collectors.joining(", ")));
      throw AtollException.of(ErrorCode.METHOD_NOT_ALLOWED, exchange.method());
    }
    return operation;
  }

  private <Q, R> void run(Exchange exchange, Operation<Q, R> operation, Routes.Match match)
      throws Exception {
    Declaration d = operation.declaration();
    Principal principal = d.access() == Access.ANYONE ? null : admit(exchange, d);
    Call call = new Call(exchange, operation, match.parameters(), principal, open, budget);
    if (principal != null) {
      requireReach(principal, d, match.parameters());
    }
    if (d.rawRequest() || !d.method().writes()) {
      send(
          exchange, call, operation, performance.run(exchange, call, operation, noBody(operation)));
      return;
    }
    long length = Math.min(exchange.contentLength().orElse(d.bodyLimit()), d.bodyLimit());
    try (BodyBudget.Share share = budget.take(length)) {
      byte[] body = exchange.readBody(d.bodyLimit());
      share.shrinkTo(body.length);
      run(exchange, call, operation, principal, body);
    }
  }

  private <Q, R> void run(
      Exchange exchange,
      Call call,
      Operation<Q, R> operation,
      @Nullable Principal principal,
      byte[] body)
      throws Exception {
    Declaration d = operation.declaration();
    ObjectNode json = parse(exchange, body);
    call.bind(json);
    String key = exchange.header("Idempotency-Key");
    if (principal != null && key != null && d.idempotency() == Idempotency.KEY) {
      idempotentRuns.run(exchange, call, operation, principal, key, json);
      return;
    }
    Q bound = RecordBinder.bind(operation.request, json);
    send(exchange, call, operation, performance.run(exchange, call, operation, bound));
  }

  static <Q, R> void send(
      Exchange exchange, Call call, Operation<Q, R> operation, @Nullable R view) {
    Declaration d = operation.declaration();
    if (exchange.answered()) {
      return;
    }
    if (view == null || d.envelope() == Envelope.NO_CONTENT) {
      exchange.empty(d.status());
      return;
    }
    byte[] direct = exchange.changesAnswers() ? null : DirectAnswer.of(view, d.envelope());
    if (direct != null) {
      exchange.bytes(exchange.statusOr(d.status()), "application/json", direct);
      return;
    }
    Paging paging = d.envelope() == Envelope.LIST ? call.paging() : null;
    exchange.json(
        d.status(), Answers.body(call.asked(view), d.envelope(), exchange.dialect(), paging));
  }

  private Principal admit(Exchange exchange, Declaration d) {
    boolean streams = d.envelope() == Envelope.EVENTS || d.envelope() == Envelope.WEB_SOCKET;
    Principal principal = authenticator.authenticate(Credentials.of(exchange, streams));
    if (principal.standing().readOnly() && d.acts() && !d.isOwnBusiness()) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "a viewer changes nothing");
    }
    if (principal.isTest()) {
      exchange.inTestMode();
    }
    permit(principal, d);
    RateVerdict verdict =
        limiter.judge(principal, exchange.header("X-MIOSA-Workspace"), d.rateGroup());
    if (verdict != null) {
      verdict.tell(exchange);
      if (!verdict.admitted()) {
        throw RateLimiter.refusal(verdict);
      }
    }
    return principal;
  }

  private static void permit(Principal principal, Declaration d) {
    String scope = d.scope();
    if (scope != null) {
      principal.requireScope(scope);
    }
    Delegation delegation = principal.delegation();
    if (delegation != null && (!delegation.permits(d.id()) || (scope == null && !d.delegable()))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "a token does not reach this operation");
    }
    if (d.ofWhole()) {
      requireWhole(principal);
    }
    if (principal.sandboxes() != null) {
      SandboxTokens.requireWithin(d);
    }
    if (d.needsAllScopes()) {
      principal.requireScope("*");
    }
    if (principal.standing().workspace() != null
        && scope == null
        && !d.delegable()
        && !d.relays()) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a key of one workspace does not reach this operation");
    }
  }

  /** What all of an organization share is not for a credential that is confined within it. */
  private static void requireWhole(Principal principal) {
    if (principal.externalUser() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a key of one end user does not reach this operation");
    }
    if (principal.sandboxes() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a token for some sandboxes does not reach this operation");
    }
    if (principal.workspace() != null) {
      throw AtollException.of(
          ErrorCode.FORBIDDEN, "a credential of one workspace does not reach this operation");
    }
  }

  /** A credential for some sandboxes is told so, where any other finds nothing. */
  private static void requireReach(Principal principal, Declaration d, Map<String, String> ids) {
    Set<String> sandboxes = principal.sandboxes();
    if (sandboxes != null
        && (d.path().equals("/sandboxes/:id") || d.path().startsWith("/sandboxes/:id/"))
        && !sandboxes.contains(String.valueOf(ids.get("id")))) {
      throw AtollException.of(ErrorCode.FORBIDDEN, "the token is for another sandbox");
    }
  }

  private static <Q> Q noBody(Operation<Q, ?> operation) {
    return operation.request == NoBody.class
        ? operation.request.cast(NoBody.NONE)
        : RecordBinder.bind(operation.request, Json.MAPPER.createObjectNode());
  }

  private static ObjectNode parse(Exchange exchange, byte[] body) {
    if (body.length == 0) {
      return Json.MAPPER.createObjectNode();
    }
    String type = exchange.header("Content-Type");
    if (type != null && (type.startsWith("multipart/") || type.contains("x-www-form-urlencoded"))) {
      throw AtollException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, type.split(";", -1)[0]);
    }
    try {
      JsonNode node = Json.MAPPER.readTree(body);
      if (node.isNull() || node.isMissingNode()) {
        return Json.MAPPER.createObjectNode();
      }
      if (node instanceof ObjectNode object) {
        FiniteNumbers.require(object);
        return object;
      }
    } catch (JacksonException e) {
      throw AtollException.of(ErrorCode.INVALID_JSON, place(e));
    }
    throw AtollException.of(ErrorCode.INVALID_JSON, "it must be an object");
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? "it cannot be read"
        : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
  }

  private static String shown(Exchange exchange) {
    String path = exchange.rawPath();
    return path.length() > 200 ? path.substring(0, 200) + "…" : path;
  }
}

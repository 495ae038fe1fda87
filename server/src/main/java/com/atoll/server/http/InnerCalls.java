package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets an operation ask other operations of this API in the place of its caller, with all that they
 * check: so another wire can stand in front of the API without a second way around its rules.
 */
public final class InnerCalls {
  /** The attribute of a request that holds what is said besides it. */
  static final String GIVEN = InnerCalls.class.getName() + ".given";

  private @Nullable Dispatcher dispatcher;

  /**
   * What an operation answered.
   *
   * @param status its HTTP status
   * @param body its JSON; missing when it answered none
   * @param retryAfter its Retry-After, or null
   */
  public record Reply(int status, JsonNode body, @Nullable String retryAfter, boolean replayed) {
    /** The refusal as an error of the call that asked, with the same code and message. */
    public AtollException refusal() {
      String text = body.path("code").asString("");
      ErrorCode code =
          Arrays.stream(ErrorCode.values())
              .filter(known -> known.code().equals(text))
              .findFirst()
              .orElse(ErrorCode.INTERNAL_ERROR);
      AtollException refusal =
          AtollException.withMessage(
              code, body.path("message").asString("The request was refused."));
      String after = retryAfter;
      return after == null || !after.matches("[0-9]{1,6}")
          ? refusal
          : refusal.retryAfter(Integer.parseInt(after));
    }

    /** Whether it did what it was asked. */
    public boolean ok() {
      return status < 300;
    }
  }

  void bind(Dispatcher to) {
    dispatcher = to;
  }

  /**
   * Asks an operation that answers JSON or nothing, with the credential of the call.
   *
   * @param call the call on whose behalf it is asked
   * @param target path below {@code /api/v1}, encoded, with its query
   * @param headers more headers of the request
   */
  public Reply send(
      Call call,
      String method,
      String target,
      @Nullable ObjectNode body,
      Map<String, String> headers) {
    return send(call, method, target, body, headers, null);
  }

  /**
   * Asks an operation and says something besides that no client can say.
   *
   * @param given what {@link Call#given} answers there
   */
  public Reply send(
      Call call,
      String method,
      String target,
      @Nullable ObjectNode body,
      Map<String, String> headers,
      @Nullable Object given) {
    HttpFields.Mutable fields = HttpFields.build();
    String bearer = Credentials.of(call.exchange(), false).bearer();
    if (bearer != null) {
      fields.put(HttpHeader.AUTHORIZATION, "Bearer " + bearer);
    }
    fields.put(HttpHeader.HOST, call.host());
    fields.put("X-Forwarded-Host", call.host());
    fields.put("X-Forwarded-Proto", call.scheme());
    headers.forEach(fields::put);
    byte[] bytes = body == null ? new byte[0] : Json.MAPPER.writeValueAsBytes(body);
    Exchange outer = call.exchange();
    InnerRequest request =
        new InnerRequest(
            outer.request(),
            method,
            HttpURI.from(call.scheme() + "://" + authority(call.host()) + "/api/v1" + target),
            fields.asImmutable(),
            bytes,
            given);
    InnerResponse response = new InnerResponse(request, outer.response());
    Dispatcher to = dispatcher;
    if (to == null) {
      throw new IllegalStateException("the HTTP server does not run");
    }
    to.dispatch(outer.inner(request, response, Callback.NOOP));
    String text = response.body().toString(StandardCharsets.UTF_8);
    JsonNode json = text.isEmpty() ? Json.MAPPER.missingNode() : Json.MAPPER.readTree(text);
    HttpFields told = response.getHeaders();
    return new Reply(
        response.getStatus(),
        json,
        told.get(HttpHeader.RETRY_AFTER),
        told.contains("Idempotency-Replayed"));
  }

  /** What a URI can hold; who asks for what is told by the headers. */
  private static String authority(String host) {
    return host.matches("[A-Za-z0-9._-]+(:[0-9]{1,5})?") ? host : "localhost";
  }
}

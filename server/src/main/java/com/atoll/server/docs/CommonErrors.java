package com.atoll.server.docs;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Method;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation.Access;
import com.atoll.server.http.Operation.Declaration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Errors that come from what all operations have in common; none declares them. */
final class CommonErrors {
  private CommonErrors() {}

  /** Those that this operation can answer with. */
  static Set<ErrorCode> of(Declaration d) {
    Set<ErrorCode> codes =
        EnumSet.of(
            ErrorCode.INVALID_REQUEST, ErrorCode.INTERNAL_ERROR, ErrorCode.DATABASE_UNAVAILABLE);
    if (d.access() == Access.CREDENTIAL) {
      codes.add(ErrorCode.UNAUTHORIZED);
      codes.add(ErrorCode.INVALID_TOKEN);
      codes.add(ErrorCode.FORBIDDEN);
      codes.add(ErrorCode.ACTION_DENIED);
      codes.add(ErrorCode.APPROVAL_REQUIRED);
      codes.add(ErrorCode.TENANT_RESOLUTION_FAILED);
    }
    if (d.scope() != null) {
      codes.add(ErrorCode.INSUFFICIENT_SCOPE);
    }
    if (d.rateGroup() != null) {
      codes.add(ErrorCode.RATE_LIMIT_EXCEEDED);
    }
    if (d.path().contains(":")) {
      codes.add(ErrorCode.INVALID_ID);
    }
    if (!d.parameters().isEmpty()) {
      codes.add(ErrorCode.MISSING_PARAM);
      codes.add(ErrorCode.INVALID_PARAM);
      codes.add(ErrorCode.VALIDATION_FAILED);
    }
    if (d.method().writes()) {
      codes.add(ErrorCode.TOO_LARGE);
      codes.add(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }
    if (d.method().writes() && !d.rawRequest()) {
      codes.add(ErrorCode.INVALID_JSON);
    }
    if (hasBody(d)) {
      codes.add(ErrorCode.VALIDATION_FAILED);
    }
    if (d.idempotency() == Idempotency.KEY) {
      codes.add(ErrorCode.IDEMPOTENCY_KEY_REUSED);
    }
    return codes;
  }

  /** Whether a JSON body is bound, whose fields may be wrong. */
  static boolean hasBody(Declaration d) {
    return d.request() != NoBody.class && d.method() != Method.GET;
  }

  /** All of them, for a reader. */
  static String sentence() {
    Set<ErrorCode> codes =
        EnumSet.of(
            ErrorCode.UNAUTHORIZED,
            ErrorCode.INVALID_TOKEN,
            ErrorCode.FORBIDDEN,
            ErrorCode.INSUFFICIENT_SCOPE,
            ErrorCode.ACTION_DENIED,
            ErrorCode.APPROVAL_REQUIRED,
            ErrorCode.INVALID_ID,
            ErrorCode.INVALID_JSON,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.MISSING_PARAM,
            ErrorCode.INVALID_PARAM,
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            ErrorCode.VALIDATION_FAILED,
            ErrorCode.TENANT_RESOLUTION_FAILED,
            ErrorCode.TOO_LARGE,
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            ErrorCode.RATE_LIMIT_EXCEEDED,
            ErrorCode.INTERNAL_ERROR,
            ErrorCode.DATABASE_UNAVAILABLE);
    return "Any other error. Operations share these: "
        + codes.stream()
            .map(code -> code.code() + " (" + code.status() + ")")
            .collect(Collectors.joining(", "))
        + ".";
  }
}

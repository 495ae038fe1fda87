package com.atoll.server.http;

import com.atoll.server.http.Authenticator.Credential;
import com.atoll.server.http.dialects.Dialect;
import org.jspecify.annotations.Nullable;

/** Finds the credential of a request. */
final class Credentials {
  private static final String OFFERED = "bearer.";

  private Credentials() {}

  static Credential of(Exchange exchange, boolean streams) {
    String bearer = bearer(exchange.header("Authorization"));
    if (bearer == null && exchange.dialect() == Dialect.E2B) {
      bearer = key(exchange.header("X-API-Key"));
    }
    String ticket = null;
    if (streams && bearer == null) {
      ticket = exchange.query().text("ticket");
      bearer = offered(exchange.header("Sec-WebSocket-Protocol"));
      if (bearer == null && exchange.header("Upgrade") != null) {
        bearer = exchange.query().text("token");
      }
    }
    return new Credential(
        bearer, ticket, exchange.header("X-MIOSA-Tenant"), exchange.header("X-Forwarded-For"));
  }

  private static @Nullable String key(@Nullable String header) {
    return header == null || header.isBlank() || header.length() > 8192 ? null : header.strip();
  }

  private static @Nullable String bearer(@Nullable String header) {
    if (header == null
        || header.length() > 8192
        || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return null;
    }
    String value = header.substring(7).strip();
    return value.isEmpty() ? null : value;
  }

  private static @Nullable String offered(@Nullable String subprotocols) {
    if (subprotocols == null) {
      return null;
    }
    for (String offer : subprotocols.split(",", -1)) {
      if (offer.strip().startsWith(OFFERED)) {
        return offer.strip().substring(OFFERED.length());
      }
    }
    return null;
  }
}

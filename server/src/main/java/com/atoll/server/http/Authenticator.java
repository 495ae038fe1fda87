package com.atoll.server.http;

import com.atoll.model.Principal;
import org.jspecify.annotations.Nullable;

/** Finds out who asks. */
public interface Authenticator {
  /**
   * The principal of a request.
   *
   * @param credential what the request carries
   * @throws com.atoll.model.AtollException when it is nobody's
   */
  Principal authenticate(Credential credential);

  /**
   * What a request carries to say who asks.
   *
   * @param bearer the value after {@code Bearer}
   * @param ticket a single-use ticket of the query, only where the answer is a stream
   * @param organization the organization to act in
   * @param address where the request came from, as the edge saw it
   */
  record Credential(
      @Nullable String bearer,
      @Nullable String ticket,
      @Nullable String organization,
      @Nullable String address) {}
}

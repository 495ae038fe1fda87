package com.atoll.server.mcp;

import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer of JSON-RPC 2.0. */
record RpcAnswer(
    @Doc("2.0.") String jsonrpc,
    @Doc("What the message named.") @Nullable Object id,
    @Doc("The result.") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Object result,
    @Doc("What was wrong with the message.") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable Map<String, Object> error) {
  static RpcAnswer of(@Nullable Object id, Object result) {
    return new RpcAnswer("2.0", id, result, null);
  }

  static RpcAnswer error(@Nullable Object id, int code, String message) {
    return new RpcAnswer("2.0", id, null, Map.of("code", code, "message", message));
  }
}

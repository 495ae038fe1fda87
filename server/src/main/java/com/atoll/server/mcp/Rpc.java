package com.atoll.server.mcp;

import com.atoll.server.http.Doc;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message of JSON-RPC 2.0. */
record Rpc(
    @Doc(value = "2.0.", max = 16) @Nullable String jsonrpc,
    @Doc("A number or a text that the answer repeats.") @Nullable Object id,
    @Doc(value = "initialize, ping, tools/list or tools/call.", min = 1, max = 128) String method,
    @Doc("Parameters of the method.") @Nullable Map<String, Object> params) {}

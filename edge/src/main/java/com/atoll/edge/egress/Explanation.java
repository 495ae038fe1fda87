package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a refused caller is told, for people and for programs. */
final class Explanation {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Explanation() {}

  /** The whole answer; whether the connection is kept is added by whoever sends it. */
  static FullHttpResponse response(
      ByteBufAllocator alloc,
      Refusal refusal,
      Route.@Nullable Egress policy,
      Audit.Call call,
      Verdict verdict) {
    ByteBuf body = ByteBufUtil.writeUtf8(alloc, json(refusal, policy, call, verdict));
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(refusal.status()), body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set("X-Atoll-Egress", refusal.code())
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return response;
  }

  private static String json(
      Refusal refusal, Route.@Nullable Egress policy, Audit.Call call, Verdict verdict) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode error = body.putObject("error");
    error.put("code", refusal.code()).put("message", refusal.message());
    if (!refusal.fix().isEmpty()) {
      error.put("fix", refusal.fix());
    }
    error.put("host", call.host()).put("method", call.method()).put("path", call.path());
    if (policy != null && !policy.policyId().isEmpty()) {
      error.put("policy_id", policy.policyId());
    }
    if (!verdict.ruleId().isEmpty()) {
      error.put("rule_id", verdict.ruleId());
    }
    return JSON.writeValueAsString(body);
  }
}

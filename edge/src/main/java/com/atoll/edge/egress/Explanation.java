package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a refused caller is told, for people and for programs. */
final class Explanation {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Explanation() {}

  static String json(
      Refusal refusal, Route.@Nullable Egress policy, Audit.Call call, Verdict verdict) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode error = body.putObject("error");
    error.put("code", refusal.code()).put("message", refusal.message());
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

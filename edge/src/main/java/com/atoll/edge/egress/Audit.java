package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes down what became of calls. */
final class Audit {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What may happen to a call that the policy allows. */
  private static final Set<String> MILD = Set.of("allow", "fail");

  private static final int LONGEST_PATH = 512;

  private final Consumer<ObjectNode> sink;

  Audit(Consumer<ObjectNode> sink) {
    this.sink = sink;
  }

  /**
   * One call.
   *
   * @param protocol http, https, tls, dns, or tcp for what is none of these
   */
  record Call(String protocol, String host, String method, String path) {}

  /** It went through, although the verdict may have been another. */
  void passed(Route.Egress policy, Call call, Verdict verdict, int status) {
    if (verdict.denies()) {
      observed(policy, call, verdict, verdict.refusal(), status);
    } else {
      write(policy, call, verdict, "allow", status, "");
    }
  }

  /** It went through only because the policy just watches; that is what would have refused it. */
  void observed(Route.Egress policy, Call call, Verdict verdict, Refusal refusal, int status) {
    write(policy, call, verdict, "would_deny", status, refusal.code());
  }

  /** The policy's own refusal, or another reason why it did not go through. */
  void refused(Route.Egress policy, Call call, Verdict verdict, Refusal refusal) {
    boolean byPolicy = refusal.status() == 403 || refusal == Refusal.MISMATCH;
    write(policy, call, verdict, byPolicy ? "deny" : "fail", refusal.status(), refusal.code());
  }

  private void write(
      Route.Egress policy, Call call, Verdict verdict, String action, int status, String reason) {
    String path = call.path();
    sink.accept(
        JSON.createObjectNode()
            .put("sandbox_id", policy.sandboxId())
            .put("at_unix_ms", System.currentTimeMillis())
            .put("action", action)
            .put("effect", verdict.denies() || !MILD.contains(action) ? "deny" : "allow")
            .put("protocol", call.protocol())
            .put("host", call.host())
            .put("method", call.method())
            .put("path", path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) : path)
            .put("status", status)
            .put("reason", reason)
            .put("policy_id", policy.policyId())
            .put("rule_id", verdict.ruleId()));
  }
}

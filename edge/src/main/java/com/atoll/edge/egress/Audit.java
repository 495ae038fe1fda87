package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    passed(policy, call, verdict, null, status, System.currentTimeMillis());
  }

  /** Its host has it, and answered nothing until the call ended. */
  void unanswered(
      Route.Egress policy, Call call, Verdict verdict, @Nullable Refusal excuse, long atMs) {
    passed(policy, call, verdict, excuse, 0, atMs);
  }

  private void passed(
      Route.Egress policy,
      Call call,
      Verdict verdict,
      @Nullable Refusal excuse,
      int status,
      long atMs) {
    if (excuse != null || verdict.denies()) {
      Refusal reason = excuse == null ? verdict.refusal() : excuse;
      write(policy, call, verdict, "would_deny", status, reason.code(), atMs);
    } else {
      write(policy, call, verdict, "allow", status, "", atMs);
    }
  }

  /** It went through only because the policy just watches; that is what would have refused it. */
  void observed(Route.Egress policy, Call call, Verdict verdict, Refusal refusal, int status) {
    passed(policy, call, verdict, refusal, status, System.currentTimeMillis());
  }

  /** The policy's own refusal, or another reason why it did not go through. */
  void refused(Route.Egress policy, Call call, Verdict verdict, Refusal refusal) {
    boolean byPolicy = refusal.status() == 403 || refusal == Refusal.MISMATCH;
    String action = byPolicy ? "deny" : "fail";
    long now = System.currentTimeMillis();
    write(policy, call, verdict, action, refusal.status(), refusal.code(), now);
  }

  private void write(
      Route.Egress policy,
      Call call,
      Verdict verdict,
      String action,
      int status,
      String reason,
      long atMs) {
    String path = call.path();
    sink.accept(
        JSON.createObjectNode()
            .put("sandbox_id", policy.sandboxId())
            .put("at_unix_ms", atMs)
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

package com.atoll.server.activity;

import com.atoll.server.store.Event;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** Which events somebody should notice. In the database it is {@code atoll_notable}. */
final class Notable {
  /** Their types. */
  static final Set<String> TYPES =
      Set.of(
          "sandbox.error",
          "sandbox.snapshot.failed",
          "sandbox.snapshot.archive_failed",
          "sandbox.snapshot.restore_failed",
          "deployment.failed",
          "deployment.build_failed",
          "deployment.domain_failed",
          "custom_domain.failed",
          "template_build.failed",
          "volume.error",
          "sandbox_batch.failed",
          "health_check.unhealthy",
          "webhook.failing",
          "webhook.disabled",
          "log_drain.disabled",
          "budget.threshold_reached",
          "budget.cap_reached",
          "billing.credits_low",
          "billing.cap_reached",
          "approval.requested");

  private Notable() {}

  /** Whether somebody should notice events of this type. */
  static boolean is(String type) {
    return TYPES.contains(type);
  }

  /** Whether somebody should notice this one: the cap of a budget is told of once. */
  static boolean is(Event event) {
    return is(event.type())
        && !(event.type().equals("billing.cap_reached") && event.resourceType().equals("budget"));
  }

  /** The same as a condition, which the index of notable events answers. */
  static Condition condition() {
    return DSL.condition(
        "atoll_notable(type) and not (type = 'billing.cap_reached' and resource_type = 'budget')");
  }

  /** What went wrong: a question to a person is to be noticed, but no alert. */
  static Condition alert() {
    return condition().and(DSL.condition("type <> 'approval.requested'"));
  }

  /**
   * {@code critical} when something is broken, {@code warning} when it may come to that, {@code
   * info} when only an answer is waited for.
   */
  static String severity(String type) {
    if (type.equals("approval.requested")) {
      return "info";
    }
    boolean broken =
        type.endsWith(".error")
            || type.endsWith("failed")
            || type.endsWith(".disabled")
            || type.endsWith(".unhealthy")
            || type.endsWith("cap_reached");
    return broken ? "critical" : "warning";
  }

  /** A type as a person reads it: {@code deployment.build_failed} is "Deployment build failed". */
  static String title(String type) {
    String words = type.replace('.', ' ').replace('_', ' ');
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}

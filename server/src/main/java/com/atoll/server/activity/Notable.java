package com.atoll.server.activity;

import java.util.List;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** Which events somebody should notice. In the database it is {@code atoll_notable}. */
final class Notable {
  private static final Set<String> TYPES =
      Set.of(
          "sandbox.error",
          "sandbox.snapshot.failed",
          "deployment.failed",
          "deployment.build_failed",
          "volume.error",
          "sandbox_batch.failed",
          "webhook.failing",
          "webhook.disabled",
          "log_drain.disabled",
          "budget.threshold_reached",
          "budget.cap_reached");

  private static final List<String> FAMILIES = List.of("billing.", "quota.");

  private Notable() {}

  static boolean is(String type) {
    return TYPES.contains(type) || FAMILIES.stream().anyMatch(type::startsWith);
  }

  /** The same as a condition, which the index of notable events answers. */
  static Condition condition() {
    return DSL.condition("atoll_notable(type)");
  }

  /** {@code critical} when something is broken, {@code warning} when it may come to that. */
  static String severity(String type) {
    boolean broken =
        type.endsWith(".error")
            || type.endsWith("failed")
            || type.endsWith(".disabled")
            || type.endsWith("cap_reached")
            || type.endsWith("exceeded");
    return broken ? "critical" : "warning";
  }

  /** A type as a person reads it: {@code deployment.build_failed} is "Deployment build failed". */
  static String title(String type) {
    String words = type.replace('.', ' ').replace('_', ' ');
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}

package com.atoll.server.events;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The types of events that this platform writes or that its API reserves, by family. */
public final class EventTypes {
  private static final Map<String, List<String>> FAMILIES = new LinkedHashMap<>();

  static {
    FAMILIES.put(
        "sandbox",
        List.of(
            "sandbox.created",
            "sandbox.ready",
            "sandbox.running",
            "sandbox.updated",
            "sandbox.paused",
            "sandbox.resumed",
            "sandbox.destroyed",
            "sandbox.error",
            "sandbox.snapshot.creating",
            "sandbox.snapshot.ready",
            "sandbox.snapshot.failed",
            "sandbox.snapshot.deleted",
            "sandbox.snapshot.uploading",
            "sandbox.snapshot.archived",
            "sandbox.snapshot.archive_failed",
            "sandbox.snapshot.evicted",
            "sandbox.snapshot.restoring",
            "sandbox.snapshot.restored",
            "sandbox.snapshot.restore_failed",
            "sandbox.share.created",
            "sandbox.share.revoked"));
    FAMILIES.put(
        "deployment",
        List.of(
            "deployment.created",
            "deployment.updated",
            "deployment.build_started",
            "deployment.build_succeeded",
            "deployment.build_failed",
            "deployment.published",
            "deployment.succeeded",
            "deployment.live",
            "deployment.failed",
            "deployment.promoted",
            "deployment.stopped",
            "deployment.deleted",
            "deployment.domain_attached"));
    FAMILIES.put(
        "computer",
        List.of(
            "computer.created",
            "computer.running",
            "computer.started",
            "computer.stopped",
            "computer.deleted"));
    FAMILIES.put(
        "volume",
        List.of(
            "volume.created",
            "volume.updated",
            "volume.attached",
            "volume.detached",
            "volume.deleted",
            "volume.error"));
    FAMILIES.put("preview", List.of("preview.created", "preview.deleted"));
    FAMILIES.put(
        "sandbox_batch",
        List.of("sandbox_batch.completed", "sandbox_batch.failed", "sandbox_batch.cancelled"));
    FAMILIES.put(
        "workspace",
        List.of(
            "workspace.created",
            "workspace.updated",
            "workspace.transferred",
            "workspace.deleted"));
    FAMILIES.put("key", List.of("key.created", "key.updated", "key.rotated", "key.revoked"));
    FAMILIES.put("billing", List.of("billing.credits_low", "billing.cap_reached"));
    FAMILIES.put(
        "budget",
        List.of(
            "budget.created",
            "budget.updated",
            "budget.deleted",
            "budget.threshold_reached",
            "budget.cap_reached"));
    FAMILIES.put(
        "health_check",
        List.of("health_check.created", "health_check.updated", "health_check.deleted"));
    FAMILIES.put(
        "log_drain",
        List.of(
            "log_drain.created", "log_drain.updated", "log_drain.deleted", "log_drain.disabled"));
    FAMILIES.put(
        "tool_server",
        List.of("tool_server.created", "tool_server.updated", "tool_server.deleted"));
    FAMILIES.put(
        "webhook",
        List.of(
            "webhook.created",
            "webhook.updated",
            "webhook.deleted",
            "webhook.test",
            "webhook.delivered",
            "webhook.failed",
            "webhook.failing",
            "webhook.disabled"));
  }

  private EventTypes() {}

  /** All types by their family. */
  public static Map<String, List<String>> families() {
    return FAMILIES;
  }

  /** Whether an exact type, or what a pattern stands for, can ever come. */
  public static boolean known(String pattern) {
    return FAMILIES.keySet().stream().anyMatch(family -> pattern.startsWith(family + "."))
        || FAMILIES.values().stream()
            .flatMap(List::stream)
            .anyMatch(type -> EventFilter.glob(pattern, type));
  }
}

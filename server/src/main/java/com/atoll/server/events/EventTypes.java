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
            "sandbox.not_ready",
            "sandbox.running",
            "sandbox.started",
            "sandbox.updated",
            "sandbox.moved",
            "sandbox.idle",
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
            "sandbox.share.revoked",
            "sandbox.preview.ready"));
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
            "deployment.release_created",
            "deployment.staged",
            "deployment.promoted",
            "deployment.rolled_back",
            "deployment.started",
            "deployment.stopped",
            "deployment.moved",
            "deployment.env_changed",
            "deployment.deleted",
            "deployment.domain_attached",
            "deployment.domain_detached",
            "deployment.domain_verified",
            "deployment.domain_failed"));
    FAMILIES.put("custom_domain", List.of("custom_domain.verified", "custom_domain.failed"));
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
            "volume.moved",
            "volume.deleted",
            "volume.error"));
    FAMILIES.put("snapshot", List.of("snapshot.moved"));
    FAMILIES.put("service", List.of("service.created", "service.updated", "service.deleted"));
    FAMILIES.put("preview", List.of("preview.created", "preview.deleted"));
    FAMILIES.put(
        "sandbox_batch",
        List.of("sandbox_batch.completed", "sandbox_batch.failed", "sandbox_batch.cancelled"));
    FAMILIES.put("bulk_job", List.of("bulk_job.completed", "bulk_job.failed"));
    FAMILIES.put(
        "workspace",
        List.of(
            "workspace.created",
            "workspace.updated",
            "workspace.transferred",
            "workspace.deleted"));
    FAMILIES.put(
        "workspace_member",
        List.of("workspace_member.added", "workspace_member.updated", "workspace_member.removed"));
    FAMILIES.put(
        "project",
        List.of(
            "project.created",
            "project.updated",
            "project.moved",
            "project.variables.updated",
            "project.deleted"));
    FAMILIES.put(
        "environment",
        List.of(
            "environment.created",
            "environment.updated",
            "environment.synced",
            "environment.deleted"));
    FAMILIES.put(
        "template",
        List.of(
            "template.created",
            "template.updated",
            "template.ready",
            "template.failed",
            "template.deleted"));
    FAMILIES.put(
        "template_build",
        List.of(
            "template_build.queued",
            "template_build.building",
            "template_build.certifying",
            "template_build.snapshotting",
            "template_build.ready",
            "template_build.failed",
            "template_build.cancelled"));
    FAMILIES.put("organization", List.of("organization.created"));
    FAMILIES.put("member", List.of("member.added", "member.updated", "member.removed"));
    FAMILIES.put("invite", List.of("invite.created", "invite.accepted", "invite.revoked"));
    FAMILIES.put(
        "service_account",
        List.of("service_account.created", "service_account.updated", "service_account.deleted"));
    FAMILIES.put("token", List.of("token.created", "token.renewed", "token.revoked"));
    FAMILIES.put("grant", List.of("grant.created", "grant.revoked"));
    FAMILIES.put("approval", List.of("approval.requested", "approval.approved", "approval.denied"));
    FAMILIES.put("key", List.of("key.created", "key.updated", "key.rotated", "key.revoked"));
    FAMILIES.put(
        "billing",
        List.of("billing.credits_low", "billing.cap_reached", "billing.credits_restored"));
    FAMILIES.put("credits", List.of("credits.changed"));
    FAMILIES.put("quota", List.of("quota.updated"));
    FAMILIES.put(
        "budget",
        List.of(
            "budget.created",
            "budget.updated",
            "budget.deleted",
            "budget.threshold_reached",
            "budget.cap_reached",
            "budget.recovered"));
    FAMILIES.put(
        "health_check",
        List.of(
            "health_check.created",
            "health_check.updated",
            "health_check.healthy",
            "health_check.unhealthy",
            "health_check.deleted"));
    FAMILIES.put(
        "log_drain",
        List.of(
            "log_drain.created", "log_drain.updated", "log_drain.deleted", "log_drain.disabled"));
    FAMILIES.put(
        "tool_server",
        List.of(
            "tool_server.created",
            "tool_server.updated",
            "tool_server.moved",
            "tool_server.deleted"));
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
            "webhook.recovered",
            "webhook.disabled"));
    FAMILIES.put("event_subscription", List.of("event_subscription.created"));
    FAMILIES.put(
        "egress",
        List.of(
            "egress.denied",
            "egress.policy.created",
            "egress.policy.updated",
            "egress.policy.deleted",
            "egress.rule.created",
            "egress.rule.deleted",
            "egress.secret.created",
            "egress.secret.rotated",
            "egress.secret.deleted"));
    FAMILIES.put("policy", List.of("policy.updated", "policy.deleted"));
    FAMILIES.put("action_policy", List.of("action_policy.updated"));
    FAMILIES.put("settings", List.of("settings.updated"));
    FAMILIES.put("branding", List.of("branding.updated", "branding.deleted"));
    FAMILIES.put(
        "preview_domain",
        List.of("preview_domain.updated", "preview_domain.verified", "preview_domain.deleted"));
    FAMILIES.put("computer_template", List.of("computer_template.created"));
    FAMILIES.put("ssh_key", List.of("ssh_key.created", "ssh_key.deleted"));
    FAMILIES.put("ssh_certificate", List.of("ssh_certificate.issued"));
  }

  private EventTypes() {}

  /** All types by their family. */
  public static Map<String, List<String>> families() {
    return FAMILIES;
  }

  /** Whether an exact type, or what a pattern stands for, can ever come. */
  public static boolean known(String pattern) {
    return FAMILIES.values().stream()
        .flatMap(List::stream)
        .anyMatch(type -> EventFilter.glob(pattern, type));
  }
}
